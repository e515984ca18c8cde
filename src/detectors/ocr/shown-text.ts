import type { FindingResult } from '../../core/finding.ts';
import { legibleWordsOf, ngramDistance } from '../../core/ngram-distance.ts';
import type { PromptContext } from '../detector.ts';
import type { ReadWord } from './reader.ts';

/** Up to this share of the wanted letters may be wrong: readers misread, generators misspell. */
const SAME_UP_TO = 0.34;
/** From here nothing of the wanted text is left; between the two it is undecided. */
const OTHER_FROM = 0.65;
/** Words of less confidence say nothing about what else is shown. */
const LEGIBLE_FROM = 0.8;
/** Shorter words come out of textures, and are near to any other. */
const SHORTEST_WORD = 3;
/** One word of another kind may be a label in the scene; two are a text. */
const OTHER_WORDS_MIN = 2;
/** Two words of which fewer letters differ are the same one, misread. */
const SAME_WORD_BELOW = 0.5;

/** Whether the prompt says which words should stand in the picture, and is about them. */
export function wantedTextOf(prompt: PromptContext | undefined): string | undefined {
  if (prompt?.shownText === undefined) return undefined;
  const aboutText =
    prompt.pairs.length === 0 || prompt.pairs.some(({ carrier }) => carrier === 'text');
  return aboutText ? prompt.shownText : undefined;
}

/**
 * Holds the words that were read against those that were wanted, by ToxicBench's distance over the
 * wanted text's length. Only legible words that are clearly others say that something else is
 * shown; no text, or one that cannot be read, says nothing. Pure.
 */
export function judgeShownText(
  words: readonly Pick<ReadWord, 'text' | 'confidence'>[],
  wanted: string,
): FindingResult {
  const target = legibleWordsOf(wanted);
  if (target.length === 0) {
    return abstain('unsupported_media', 'The wanted text has no letter from a to z and no digit.');
  }
  const shown = words.map(({ text }) => text).join(' ');
  if (legibleWordsOf(shown).length === 0) {
    return abstain('unreadable_text', 'No text could be read that may be the wanted one.');
  }
  const distance = Math.min(1, ngramDistance(shown, wanted) / target.join(' ').length);
  const detail = { labels: { wanted_text_distance: distance } };
  if (distance <= SAME_UP_TO) return { kind: 'faithfulness', faithful: true, detail };
  const legible = words
    .filter(({ confidence }) => confidence >= LEGIBLE_FROM)
    .flatMap(({ text }) => legibleWordsOf(text))
    .filter((word) => word.length >= SHORTEST_WORD);
  if (legible.length < OTHER_WORDS_MIN) {
    return {
      ...abstain('unreadable_text', 'Too little was read to tell it from the wanted text.'),
      detail,
    };
  }
  const sharesWord = legible.some((word) => target.some((each) => isSameWord(word, each)));
  if (distance < OTHER_FROM || sharesWord) {
    return {
      ...abstain('undecided', 'What was read is neither the wanted text nor clearly another.'),
      detail,
    };
  }
  return { kind: 'faithfulness', faithful: false, detail };
}

function isSameWord(word: string, wanted: string): boolean {
  return (
    wanted.length >= SHORTEST_WORD &&
    ngramDistance(word, wanted) < SAME_WORD_BELOW * Math.max(word.length, wanted.length)
  );
}

function abstain(
  code: 'unsupported_media' | 'unreadable_text' | 'undecided',
  reason: string,
): Extract<FindingResult, { kind: 'abstained' }> {
  return { kind: 'abstained', code, reason };
}
