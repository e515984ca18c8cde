import type { ModelAugmentation } from './augmentation.ts';
import { translateTo } from './translation.ts';

export const translateFr: ModelAugmentation = translateTo('translate-fr', 'fr', 'French');
