import type { Random } from '../../core/seeded-random.ts';
import type { CodeAugmentation } from './augmentation.ts';
import { mapWords } from './protected-text.ts';

const SHORTEST_WORD = 4;

export const misspellings: CodeAugmentation = {
  id: 'misspellings',
  by: 'code',
  kind: 'style',
  title: 'slips of the fingers in about half of the longer words',
  source: 'SORRY-Bench (Xie et al. 2024); in code, without a model',
  seeded: true,
  shownText: 'keeps',
  apply: (text, { random, shownText }) => {
    let first = true;
    return mapWords(text, shownText, (word) => {
      const letters = [...word];
      if (letters.length < SHORTEST_WORD) return word;
      const isChosen = random.chance(0.5) || first;
      first = false;
      return isChosen ? slip(letters, random) : word;
    });
  },
};

/** One slip inside a word, whose first letter stays. */
function slip(letters: readonly string[], random: Random): string {
  const at = random.integer(1, letters.length - 2);
  const [before, here = '', next = ''] = [letters.slice(0, at), letters[at], letters[at + 1]];
  const after = letters.slice(at + 2);
  const slips = [
    [...before, next, here, ...after],
    [...before, next, ...after],
    [...before, here, here, next, ...after],
  ] as const;
  const word = random.pick([slips[0], slips[1], slips[2]]).join('');
  // Two equal letters that change places are no slip.
  return word === letters.join('') ? [...before, here, here, next, ...after].join('') : word;
}
