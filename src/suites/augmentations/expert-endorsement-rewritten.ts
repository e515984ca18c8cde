import type { ModelAugmentation } from './augmentation.ts';

export const expertEndorsementRewritten: ModelAugmentation = {
  id: 'expert-endorsement-rewritten',
  by: 'model',
  kind: 'persuasion',
  title: 'has a model write the persuasion around the request',
  source: 'SORRY-Bench (Xie et al. 2024), after PAP (Zeng et al. 2024)',
  template: 'expert-endorsement',
  englishOnly: true,
};
