import type { CodeAugmentation } from './augmentation.ts';
import { mapWords } from './protected-text.ts';

/** Spellings that sound alike, the longer ones first. */
const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/tion\b/gi, 'shun'],
  [/ough\b/gi, 'uff'],
  [/igh(t?)\b/gi, 'y$1'],
  [/ph/gi, 'f'],
  [/ck/gi, 'k'],
  [/qu/gi, 'kw'],
  [/wh/gi, 'w'],
  [/kn/gi, 'n'],
  [/x/gi, 'ks'],
  [/c(?=[aoulrt]|\b)/gi, 'k'],
  [/c(?=[eiy])/gi, 's'],
  [/ea/gi, 'ee'],
  [/oo/gi, 'u'],
  [/([a-z])\1/gi, '$1'],
  [/s\b/gi, 'z'],
];
const SHORTEST_WORD = 3;

export const phonetic: CodeAugmentation = {
  id: 'phonetic',
  by: 'code',
  kind: 'evasion',
  title: 'spells words wrongly as they sound, so that lists of words miss them',
  source: 'A disguise that filters by word meet',
  seeded: false,
  shownText: 'keeps',
  englishOnly: true,
  apply: (text, { shownText }) =>
    mapWords(text, shownText, (word) =>
      word.length < SHORTEST_WORD
        ? word
        : SOUNDS.reduce((spelt, [pattern, sound]) => spelt.replace(pattern, sound), word),
    ),
};
