import type { ModelAugmentation } from './augmentation.ts';

export const technicalTerms: ModelAugmentation = {
  id: 'technical-terms',
  by: 'model',
  kind: 'style',
  title: 'says it in the terms of a trade or a science',
  source: 'SORRY-Bench (Xie et al. 2024)',
  template: 'technical-terms',
  englishOnly: true,
};
