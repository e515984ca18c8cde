import type { CodeAugmentation } from './augmentation.ts';
import { substituteLetters } from './rotate-letters.ts';

const turn = (text: string): string => substituteLetters(text, (index) => 25 - index);

export const atbash: CodeAugmentation = {
  id: 'atbash',
  by: 'code',
  kind: 'encoding',
  title: 'turns the alphabet round: a becomes z, b becomes y',
  source: 'SORRY-Bench (Xie et al. 2024), after CipherChat (Yuan et al. 2024)',
  seeded: false,
  shownText: 'encodes',
  apply: turn,
  reverse: turn,
};
