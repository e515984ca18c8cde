import type { ModelAugmentation } from './augmentation.ts';

export const euphemismRewritten: ModelAugmentation = {
  id: 'euphemism-rewritten',
  by: 'model',
  kind: 'evasion',
  title: 'has a model say it more mildly',
  source: 'Written for this project; the way of SneakyPrompt (Yang et al. 2024)',
  template: 'euphemism-rewritten',
  englishOnly: true,
};
