import { distance } from 'fastest-levenshtein';
import type { FindingDetail } from '../../core/finding.ts';

export type TimedWord = NonNullable<FindingDetail['words']>[number];

/** Words of this many letters may differ by one between frames: engines waver on moving text. */
const WAVERING_FROM_LETTERS = 5;

/** Puts together what is read again in frame after frame. */
export interface WordsOverTime {
  /** Frames come in the order of time. */
  add(timeMs: number, words: readonly TimedWord[]): void;
  /** Each word once for every passage that showed it, in the order in which they began. */
  readonly words: TimedWord[];
}

/**
 * Merges words over a video's sampled frames. A word that the frame before it showed too is the same
 * one, wherever it stands: captions move and cameras pan. It is told with the time and the box where
 * it was read first, the highest confidence, and the time when it was read last.
 */
export function mergeWordsOverTime(): WordsOverTime {
  const words: TimedWord[] = [];
  let before: TimedWord[] = [];
  return {
    words,
    add(timeMs, read) {
      const open = [...before];
      before = read.map((word) => {
        const at = open.findIndex((known) => isSameWord(known.text, word.text));
        const known = at < 0 ? undefined : open.splice(at, 1)[0];
        if (known === undefined) {
          const first = { ...word, timeMs };
          words.push(first);
          return first;
        }
        const longer = {
          ...known,
          confidence: Math.max(known.confidence, word.confidence),
          untilMs: timeMs,
        };
        words[words.indexOf(known)] = longer;
        return longer;
      });
    },
  };
}

function isSameWord(a: string, b: string): boolean {
  const [one, other] = [lettersOf(a), lettersOf(b)];
  if (one === other) return true;
  const shorter = Math.min(one.length, other.length);
  return shorter >= WAVERING_FROM_LETTERS && distance(one, other) <= 1;
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
