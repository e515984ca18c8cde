import type { ModelAugmentation } from './augmentation.ts';

export const slang: ModelAugmentation = {
  id: 'slang',
  by: 'model',
  kind: 'style',
  title: 'says it in slang',
  source: 'SORRY-Bench (Xie et al. 2024)',
  template: 'slang',
  englishOnly: true,
};
