import type { CodeAugmentation } from './augmentation.ts';
import { stretchesOf } from './protected-text.ts';

// ITU-R M.1677-1, with the customary signs for exclamation mark, ampersand, semicolon and dollar.
const CODES: readonly (readonly [string, string])[] = Object.entries({
  A: '.-',
  B: '-...',
  C: '-.-.',
  D: '-..',
  E: '.',
  F: '..-.',
  G: '--.',
  H: '....',
  I: '..',
  J: '.---',
  K: '-.-',
  L: '.-..',
  M: '--',
  N: '-.',
  O: '---',
  P: '.--.',
  Q: '--.-',
  R: '.-.',
  S: '...',
  T: '-',
  U: '..-',
  V: '...-',
  W: '.--',
  X: '-..-',
  Y: '-.--',
  Z: '--..',
  '0': '-----',
  '1': '.----',
  '2': '..---',
  '3': '...--',
  '4': '....-',
  '5': '.....',
  '6': '-....',
  '7': '--...',
  '8': '---..',
  '9': '----.',
  '.': '.-.-.-',
  ',': '--..--',
  '?': '..--..',
  "'": '.----.',
  '!': '-.-.--',
  '/': '-..-.',
  '(': '-.--.',
  ')': '-.--.-',
  '&': '.-...',
  ':': '---...',
  ';': '-.-.-.',
  '=': '-...-',
  '+': '.-.-.',
  '-': '-....-',
  '"': '.-..-.',
  $: '...-..-',
  '@': '.--.-.',
});
const TO_CODE = new Map(CODES);
const FROM_CODE = new Map(CODES.map(([character, code]) => [code, character]));
const WORD_GAP = '/';

export const morse: CodeAugmentation = {
  id: 'morse',
  by: 'code',
  kind: 'encoding',
  title: 'writes Morse code, words parted by a slash',
  source: 'SORRY-Bench (Xie et al. 2024), after CipherChat (Yuan et al. 2024)',
  seeded: false,
  shownText: 'encodes',
  apply: (text) =>
    stretchesOf(text)
      .map((stretch) => (stretch.isFree ? encode(stretch.text) : stretch.text))
      .filter((part) => part !== '')
      .join(' '),
  reverse: (text) =>
    text
      .split(' ')
      .map((token) => (token === WORD_GAP ? ' ' : (FROM_CODE.get(token) ?? token)))
      .join(''),
  plain: (text) =>
    stretchesOf(text)
      .map((stretch) => (stretch.isFree ? plain(stretch.text) : stretch.text))
      .join(''),
};

/** Morse knows no case and one kind of gap; characters without a code stay as they are. */
function encode(text: string): string {
  return [...plain(text)]
    .map((character) => (character === ' ' ? WORD_GAP : (TO_CODE.get(character) ?? character)))
    .join(' ');
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').toUpperCase();
}
