import type { ModelAugmentation } from './augmentation.ts';
import { translateTo } from './translation.ts';

export const translateMr: ModelAugmentation = translateTo('translate-mr', 'mr', 'Marathi');
