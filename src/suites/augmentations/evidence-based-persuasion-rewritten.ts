import type { ModelAugmentation } from './augmentation.ts';

export const evidenceBasedPersuasionRewritten: ModelAugmentation = {
  id: 'evidence-based-persuasion-rewritten',
  by: 'model',
  kind: 'persuasion',
  title: 'has a model write the persuasion around the request',
  source: 'SORRY-Bench (Xie et al. 2024), after PAP (Zeng et al. 2024)',
  template: 'evidence-based-persuasion',
  englishOnly: true,
};
