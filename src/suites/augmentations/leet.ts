import type { CodeAugmentation } from './augmentation.ts';
import { mapFree } from './protected-text.ts';

const DIGITS: Readonly<Record<string, string>> = {
  a: '4',
  b: '8',
  e: '3',
  i: '1',
  o: '0',
  s: '5',
  t: '7',
};

export const leet: CodeAugmentation = {
  id: 'leet',
  by: 'code',
  kind: 'evasion',
  title: 'writes digits for the letters that look like them',
  source: 'A disguise that filters by word meet',
  seeded: false,
  shownText: 'keeps',
  apply: (text, { shownText }) =>
    mapFree(text, shownText, (free) =>
      free.replace(/[abeiost]/gi, (letter) => DIGITS[letter.toLowerCase()] ?? letter),
    ),
};
