import type { UncertainSpan } from '../toxicity/toxicity.ts';
import type { Reading, ReadWord } from './reader.ts';

/** A reading as one text, words joined by single spaces. */
export interface ReadText {
  readonly text: string;
  /** The words that the text is made of. */
  readonly words: readonly ReadWord[];
  /** Where the engine doubts what it read. */
  readonly uncertain: readonly UncertainSpan[];
}

/** Below this a word is noise: textures read as words of hardly any confidence. */
const NOISE_BELOW = 0.3;
/** Short words come out of textures with more: they are believed from here only. */
const SHORT_NOISE_BELOW = 0.75;
const SHORT_WORD_LETTERS = 2;
/** But English has words of one letter, and a threat often begins with one. */
const ONE_LETTER_WORD = /^[IiAaUu]$/u;
const ONE_LETTER_NOISE_BELOW = 0.5;
/** From this confidence a word of two letters or more counts as read. */
const READABLE_FROM = 0.6;
/** Below this an engine's usual confusions are allowed for. */
const CERTAIN_FROM = 0.9;

/** Leaves out noise: words without a letter or digit, and words of hardly any confidence. */
export function toReadText(words: readonly ReadWord[]): ReadText {
  const kept = words.filter(isBelieved);
  const uncertain: UncertainSpan[] = [];
  let text = '';
  for (const word of kept) {
    if (text !== '') text += ' ';
    const start = text.length;
    text += word.text;
    if (word.confidence < CERTAIN_FROM) uncertain.push({ start, end: text.length });
  }
  return { text, words: kept, uncertain };
}

function countLetters(text: string): number {
  return text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

function isBelieved({ text, confidence }: ReadWord): boolean {
  const letters = countLetters(text);
  if (letters === 0) return false;
  if (ONE_LETTER_WORD.test(text)) return confidence >= ONE_LETTER_NOISE_BELOW;
  return confidence >= (letters <= SHORT_WORD_LETTERS ? SHORT_NOISE_BELOW : NOISE_BELOW);
}

/**
 * Whether there is text that could not be read: the pixels say so strongly, and no word of two
 * letters was read with confidence.
 */
export function isUnreadable(reading: Reading): boolean {
  if (reading.sign !== 'strong') return false;
  return !reading.words.some(
    (word) => word.confidence >= READABLE_FROM && countLetters(word.text) >= 2,
  );
}
