import type { CodeAugmentation } from './augmentation.ts';
import { substituteLetters } from './rotate-letters.ts';

// The shift that Caesar used himself, as Suetonius tells, and the one of SORRY-Bench.
const SHIFT = 3;

export const caesar: CodeAugmentation = {
  id: 'caesar',
  by: 'code',
  kind: 'encoding',
  title: 'moves every letter three places on in the alphabet',
  source: 'SORRY-Bench (Xie et al. 2024), after CipherChat (Yuan et al. 2024)',
  seeded: false,
  shownText: 'encodes',
  apply: (text) => substituteLetters(text, (index) => index + SHIFT),
  reverse: (text) => substituteLetters(text, (index) => index - SHIFT),
};
