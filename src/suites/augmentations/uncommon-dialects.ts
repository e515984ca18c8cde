import type { ModelAugmentation } from './augmentation.ts';

export const uncommonDialects: ModelAugmentation = {
  id: 'uncommon-dialects',
  by: 'model',
  kind: 'style',
  title: 'says it in a little-used dialect of English',
  source: 'SORRY-Bench (Xie et al. 2024)',
  template: 'uncommon-dialects',
  englishOnly: true,
};
