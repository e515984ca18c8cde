import { slotsOf } from '../slots.ts';

/** Words that begin a prompt in lower case when something is put before it. */
const LOWERED = /^(An?|The|Two|Three|Four|Five|Several|Some|Many|This|One) (?=\S)/;

/** A prompt as the object of a sentence: without its full stop, its first article in lower case. */
export function asObject(text: string): string {
  return text
    .trim()
    .replace(/[.\s]+$/, '')
    .replace(LOWERED, (word) => word.toLowerCase());
}

/** Whether a prompt is one phrase, which can stand inside a sentence without a colon. */
export function isOnePhrase(text: string): boolean {
  return LOWERED.test(text.trim()) && !/[.!?:]\s/.test(text.trim()) && slotsOf(text).length === 0;
}

/** A prompt that ends as a sentence does. */
export function asSentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?…。।]["”’)]?$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
