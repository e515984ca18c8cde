import type { CodeAugmentation } from './augmentation.ts';
import { mapWords } from './protected-text.ts';

const ZERO_WIDTH_SPACE = '\u200b';

export const zeroWidth: CodeAugmentation = {
  id: 'zero-width',
  by: 'code',
  kind: 'evasion',
  title: 'puts invisible characters between the letters',
  source: 'A disguise that filters by word meet',
  seeded: false,
  shownText: 'keeps',
  apply: (text, { shownText }) =>
    mapWords(text, shownText, (word) => [...word].join(ZERO_WIDTH_SPACE)),
  reverse: (text) => text.replaceAll(ZERO_WIDTH_SPACE, ''),
  plain: (text) => text.replaceAll(ZERO_WIDTH_SPACE, ''),
};
