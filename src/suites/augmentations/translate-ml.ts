import type { ModelAugmentation } from './augmentation.ts';
import { translateTo } from './translation.ts';

export const translateMl: ModelAugmentation = translateTo('translate-ml', 'ml', 'Malayalam');
