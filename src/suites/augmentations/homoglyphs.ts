import type { CodeAugmentation } from './augmentation.ts';
import { mapFree } from './protected-text.ts';

// Letters of the Cyrillic and Greek alphabets that common fonts draw like Latin ones, from the
// confusables of Unicode Technical Standard 39.
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  i: 'і',
  j: 'ј',
  o: 'о',
  p: 'р',
  s: 'ѕ',
  x: 'х',
  y: 'у',
  A: 'А',
  B: 'В',
  C: 'С',
  E: 'Е',
  H: 'Н',
  I: 'І',
  K: 'К',
  M: 'М',
  N: 'Ν',
  O: 'О',
  P: 'Р',
  S: 'Ѕ',
  T: 'Т',
  X: 'Х',
  Z: 'Ζ',
};
const LATIN = new Map(Object.entries(LOOK_ALIKES).map(([latin, other]) => [other, latin]));
const ALL_LATIN = new RegExp(`[${Object.keys(LOOK_ALIKES).join('')}]`, 'g');
const ALL_OTHERS = new RegExp(`[${Object.values(LOOK_ALIKES).join('')}]`, 'g');

export const homoglyphs: CodeAugmentation = {
  id: 'homoglyphs',
  by: 'code',
  kind: 'evasion',
  title: 'puts look-alike letters of other alphabets in the place of about half of the letters',
  source: 'Unicode Technical Standard 39 (confusables); a disguise that filters by word meet',
  seeded: true,
  shownText: 'keeps',
  apply: (text, { random, shownText }) => {
    let first = true;
    return mapFree(text, shownText, (free) =>
      free.replace(ALL_LATIN, (letter) => {
        const isChosen = random.chance(0.5) || first;
        first = false;
        return isChosen ? (LOOK_ALIKES[letter] ?? letter) : letter;
      }),
    );
  },
  reverse: (text) => text.replace(ALL_OTHERS, (letter) => LATIN.get(letter) ?? letter),
};
