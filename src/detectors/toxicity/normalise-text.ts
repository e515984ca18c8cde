import { LEET, plainLetter } from './look-alikes.ts';

/** A text in its plain form, with the way back. */
export interface NormalisedText {
  readonly text: string;
  /** For each UTF-16 unit of `text` (and its end) where it stands in the given text. */
  readonly sourceOf: readonly number[];
}

interface Unit {
  readonly character: string;
  readonly source: number;
}

/** Invisible or combining: dropped, since they only break words up. */
const DROPPED = /[\p{Mn}\p{Me}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;

/** NFKD-folds, drops what is invisible, maps look-alikes and lowers the case. */
function foldCharacters(text: string): Unit[] {
  const units: Unit[] = [];
  let source = 0;
  for (const character of text) {
    for (const part of character.normalize('NFKD').toLowerCase()) {
      if (DROPPED.test(part)) continue;
      // By UTF-16 unit, so that indices into units and into the text are the same.
      for (const unit of (plainLetter(part) ?? plainSign(part)).split('')) {
        units.push({ character: unit, source });
      }
    }
    source += character.length;
  }
  return units;
}

function plainSign(character: string): string {
  if (character === '’' || character === '‘' || character === '`') return "'";
  if (/\s/u.test(character)) return character === '\n' ? '\n' : ' ';
  return character;
}

const LETTER = /\p{L}/u;
const LEET_WORD = /^[\p{L}0-9@$!|+*'€£¢]+$/u;

/** Reads digits and signs as letters where a word has letters too: `k1ll`, `@ss`, `sh!t`. */
function foldLeet(units: readonly Unit[]): Unit[] {
  const result: Unit[] = [];
  let at = 0;
  while (at < units.length) {
    let end = at;
    while (end < units.length && !/\s/u.test(units[end]?.character ?? ' ')) end++;
    if (end === at) {
      result.push(...units.slice(at, ++end));
      at = end;
      continue;
    }
    const word = units.slice(at, end);
    // Signs at the end of a word are punctuation: `you!` is no `youi`.
    let core = word.length;
    while (core > 0 && /[^\p{L}0-9$@]/u.test(word[core - 1]?.character ?? '')) core--;
    const text = word
      .slice(0, core)
      .map((unit) => unit.character)
      .join('');
    const letters = [...text].filter((character) => LETTER.test(character)).length;
    const folds =
      letters > 0 &&
      letters * 4 >= text.length &&
      LEET_WORD.test(text) &&
      !/^\d+\p{L}{1,2}$/u.test(text);
    word.forEach((unit, index) => {
      const letter = folds && index < core ? LEET.get(unit.character) : undefined;
      result.push(letter === undefined ? unit : { character: letter, source: unit.source });
    });
    at = end;
  }
  return result;
}

/** `k i l l`, `f.u.c.k`, `s-h-1-t`: at least three letters with one same separator between. */
const SPACED_RUN =
  /(?<![\p{L}\p{N}])[\p{L}0-9@$!]([ ._\-*/])[\p{L}0-9@$!](?:\1[\p{L}0-9@$!])+(?![\p{L}\p{N}])/gu;

function joinSpacedLetters(units: readonly Unit[]): Unit[] {
  const text = units.map((unit) => unit.character).join('');
  const dropped = new Set<number>();
  for (const match of text.matchAll(SPACED_RUN)) {
    const signs = match[0].length / 2;
    if ((match[0].match(/\p{L}/gu)?.length ?? 0) < signs * 0.6) continue;
    for (let offset = 1; offset < match[0].length; offset += 2) dropped.add(match.index + offset);
  }
  return units.filter((_, index) => !dropped.has(index));
}

/** `ki.ll`, `f-uck`: a known word with signs in it, of which no part is a word by itself. */
const BROKEN_WORD = /\p{L}+(?:[._\-~·]\p{L}+)+/gu;

function joinBrokenWords(
  units: readonly Unit[],
  isKnownWord: (word: string) => boolean,
): readonly Unit[] {
  const text = units.map((unit) => unit.character).join('');
  const dropped = new Set<number>();
  for (const match of text.matchAll(BROKEN_WORD)) {
    const parts = match[0].split(/[._\-~·]/);
    const whole = parts.join('');
    if (
      whole.length < 4 ||
      !isKnownWord(whole) ||
      parts.some((part) => part.length > 1 && isKnownWord(part))
    )
      continue;
    [...match[0]].forEach((sign, offset) => {
      if (!LETTER.test(sign)) dropped.add(match.index + offset);
    });
  }
  return dropped.size === 0 ? units : units.filter((_, index) => !dropped.has(index));
}

/**
 * Undoes what is done to hide a word: other scripts' letters, styled letters, zero-width signs,
 * leet, letters set apart. Words that are not hidden keep their letters.
 *
 * @param isKnownWord which words a sign in the middle may have broken up
 */
export function normaliseText(
  given: string,
  isKnownWord: (word: string) => boolean = () => false,
): NormalisedText {
  const units = joinBrokenWords(foldLeet(joinSpacedLetters(foldCharacters(given))), isKnownWord);
  return {
    text: units.map((unit) => unit.character).join(''),
    sourceOf: [...units.map((unit) => unit.source), given.length],
  };
}
