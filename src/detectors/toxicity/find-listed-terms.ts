import { normaliseText } from './normalise-text.ts';
import { LIST_LANGUAGES, type ListLanguage, offensiveTermsOf } from './other-languages.ts';

/** A term of another language's list, in UTF-16 units of the normalised text. */
export interface ListedSpan {
  readonly language: ListLanguage;
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

interface Terms {
  /** Of scripts that part words: by their first word, the rest of each. */
  readonly byFirstWord: ReadonlyMap<string, readonly { term: string; words: readonly string[] }[]>;
  /** Of scripts that do not. */
  readonly joined: { readonly pattern: RegExp; readonly names: ReadonlyMap<string, string> } | null;
}

/** Shorter words mean something else in too many languages. */
const SHORTEST_WORD = 4;
const SHORTEST_OTHER_SCRIPT = 3;
const WORD = /[\p{L}\p{N}]+/gu;
/** Scripts written without spaces, and Hangul, whose endings are joined on. Decomposed. */
const JOINED_SCRIPT = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;
/** A final consonant would make the last syllable another one. */
const HANGUL_FINAL = '(?![\\u11a8-\\u11ff])';

const compiled = new Map<ListLanguage, Terms>();

/** Finds swear words of the languages asked for. Each list is read when it is first needed. */
export function findListedTerms(
  text: string,
  languages: readonly ListLanguage[] = LIST_LANGUAGES,
): ListedSpan[] {
  const words = [...text.matchAll(WORD)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const joinedScript = JOINED_SCRIPT.test(text);
  return languages.flatMap((language) => {
    const { byFirstWord, joined } = termsOf(language);
    const spans: ListedSpan[] = [];
    words.forEach(({ text: first, start }, index) => {
      for (const { term, words: wanted } of byFirstWord.get(first) ?? []) {
        const last = words[index + wanted.length - 1];
        if (last === undefined) continue;
        if (wanted.every((word, offset) => words[index + offset]?.text === word)) {
          spans.push({ language, term, start, end: last.end });
        }
      }
    });
    if (joined !== null && joinedScript) {
      for (const match of text.matchAll(joined.pattern)) {
        spans.push({
          language,
          term: joined.names.get(match[0]) ?? match[0],
          start: match.index,
          end: match.index + match[0].length,
        });
      }
    }
    return spans;
  });
}

function termsOf(language: ListLanguage): Terms {
  const known = compiled.get(language);
  if (known !== undefined) return known;
  const byFirstWord = new Map<string, { term: string; words: string[] }[]>();
  const names = new Map<string, string>();
  for (const term of offensiveTermsOf(language)) {
    // As the text will be: with look-alikes, accents and case folded.
    const folded = normaliseText(term).text;
    const words = folded.match(WORD) ?? [];
    const first = words[0];
    if (first === undefined) continue;
    if (JOINED_SCRIPT.test(folded)) {
      if ([...term].length >= 2) names.set(folded, term);
      continue;
    }
    const shortest = /^[\x20-\x7e]+$/.test(folded) ? SHORTEST_WORD : SHORTEST_OTHER_SCRIPT;
    if (folded.length < shortest) continue;
    byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), { term, words }]);
  }
  const alternatives = [...names.keys()]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const start = language === 'ko' ? '(?<!\\p{L})' : '';
  const joined =
    alternatives.length === 0
      ? null
      : {
          pattern: new RegExp(`${start}(?:${alternatives.join('|')})${HANGUL_FINAL}`, 'gu'),
          names,
        };
  const terms = { byFirstWord, joined };
  compiled.set(language, terms);
  return terms;
}
