import type { ModelAugmentation } from './augmentation.ts';
import { translateTo } from './translation.ts';

export const translateZhCn: ModelAugmentation = translateTo(
  'translate-zh-cn',
  'zh-CN',
  'Simplified Chinese',
);
