import type { CodeAugmentation } from './augmentation.ts';
import { mapWords } from './protected-text.ts';

// Shorter words carry no meaning that a filter looks for, and the text would grow for nothing.
const SHORTEST_WORD = 4;

export const spacing: CodeAugmentation = {
  id: 'spacing',
  by: 'code',
  kind: 'evasion',
  title: 'puts a space or a dot between the letters of longer words',
  source: 'A disguise that filters by word meet',
  seeded: true,
  shownText: 'keeps',
  apply: (text, { random, shownText }) => {
    const gap = random.pick([' ', '.', '-']);
    return mapWords(text, shownText, (word) =>
      [...word].length < SHORTEST_WORD ? word : [...word].join(gap),
    );
  },
};
