import type { CodeAugmentation } from './augmentation.ts';
import { mapWords } from './protected-text.ts';

export const letterCase: CodeAugmentation = {
  id: 'case',
  by: 'code',
  kind: 'evasion',
  title: 'mixes upper and lower case inside words',
  source: 'A disguise that filters by word meet',
  seeded: true,
  shownText: 'keeps',
  apply: (text, { random, shownText }) => {
    let upper = random.chance(0.5);
    return mapWords(text, shownText, (word) =>
      [...word]
        .map((letter) => {
          // Mostly by turns, so that no word keeps its case.
          if (!random.chance(0.2)) upper = !upper;
          const turned = upper ? letter.toUpperCase() : letter.toLowerCase();
          return [...turned].length === 1 ? turned : letter;
        })
        .join(''),
    );
  },
};
