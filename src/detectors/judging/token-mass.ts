import type { AnswerToken, TokenLogprob } from '../../net/chat.ts';

/** What is known of one token of an answer: how likely each of some words was in its place. */
export type WordMass =
  | {
      readonly kind: 'mass';
      /** By word, summing to 1 over the words. */
      readonly shares: Readonly<Record<string, number>>;
      /** How much of all likelihood the words have together, 0–1. */
      readonly total: number;
    }
  /** None of the words is among what the server tells. */
  | { readonly kind: 'unscored' };

// Servers write -9999 (or less than it) for "not told". No model's real value comes near it.
const NOT_TOLD = -100;
/** With less than this on the words, their shares are noise around an answer that is another. */
const LEAST_TOTAL = 0.02;

/**
 * The likelihoods of some words where an answer decides between them: at the first token that is
 * one of them, or else at the first token that is not blank.
 *
 * @param words what each word may be written as, in small letters. A first part of a spelling counts,
 * where it is one of a single word and at least two letters long.
 */
export function wordMass(
  tokens: readonly AnswerToken[],
  words: Readonly<Record<string, readonly string[]>>,
): WordMass {
  const after = tokens.findLastIndex(({ token }) => token.includes('</think>'));
  const answer = tokens.slice(after + 1).filter(({ token }) => plain(token) !== '');
  const place = answer.find(({ token }) => wordOf(token, words, true) !== undefined) ?? answer[0];
  if (place === undefined) return { kind: 'unscored' };
  const sums: Record<string, number> = Object.fromEntries(
    Object.keys(words).map((word) => [word, 0]),
  );
  let total = 0;
  for (const { token, logprob } of alternatives(place)) {
    const word = wordOf(token, words, false);
    if (word === undefined || logprob <= NOT_TOLD || !Number.isFinite(logprob)) continue;
    const probability = Math.min(1, Math.exp(logprob));
    sums[word] = (sums[word] ?? 0) + probability;
    total += probability;
  }
  if (total < LEAST_TOTAL) return { kind: 'unscored' };
  const shares = Object.fromEntries(Object.entries(sums).map(([word, sum]) => [word, sum / total]));
  return { kind: 'mass', shares, total: Math.min(1, total) };
}

/** The listed tokens, and the chosen one where a short list leaves it out. */
function alternatives({ token, logprob, top }: AnswerToken): readonly TokenLogprob[] {
  return top.some((one) => one.token === token) ? top : [...top, { token, logprob }];
}

/** Without blanks, quotes, full stops, and the marks that tokenisers put before a word. */
function plain(token: string): string {
  return token
    .replace(/^[\s▁Ġ]+/u, '')
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
    .toLowerCase();
}

function wordOf(
  token: string,
  words: Readonly<Record<string, readonly string[]>>,
  wholeOnly: boolean,
): string | undefined {
  const text = plain(token);
  if (text === '') return undefined;
  const entries = Object.entries(words);
  const whole = entries.find(([, spellings]) => spellings.includes(text));
  if (whole !== undefined || wholeOnly || text.length < 2) return whole?.[0];
  const begun = entries.filter(([, spellings]) =>
    spellings.some((spelling) => spelling.startsWith(text)),
  );
  return begun.length === 1 ? begun[0]?.[0] : undefined;
}
