import type { ModelAugmentation } from './augmentation.ts';
import { translateTo } from './translation.ts';

export const translateTa: ModelAugmentation = translateTo('translate-ta', 'ta', 'Tamil');
