/** A stretch of a text that a technique may change, or must leave alone. */
interface Stretch {
  readonly text: string;
  readonly isFree: boolean;
}

/** Slots, and all else in braces: a change of `{A}` could make a slot of it. */
const IN_BRACES = /\{[^{}\s]*\}/;

/** Parts a text at its slots and, where it is given, at its quoted shown text. */
export function stretchesOf(text: string, shownText?: string): Stretch[] {
  const quoted = shownText === undefined ? [] : [`"${shownText}"`];
  const pattern = new RegExp([...quoted.map(escapeRegExp), IN_BRACES.source].join('|'), 'g');
  const stretches: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) stretches.push({ text: text.slice(from, match.index), isFree: true });
    stretches.push({ text: match[0], isFree: false });
    from = match.index + match[0].length;
  }
  if (from < text.length) stretches.push({ text: text.slice(from), isFree: true });
  return stretches;
}

/** Changes what may be changed of a text. */
export function mapFree(
  text: string,
  shownText: string | undefined,
  change: (free: string) => string,
): string {
  return stretchesOf(text, shownText)
    .map((stretch) => (stretch.isFree ? change(stretch.text) : stretch.text))
    .join('');
}

/** Changes words of letters, with the apostrophes and marks inside them. */
export function mapWords(
  text: string,
  shownText: string | undefined,
  change: (word: string) => string,
): string {
  return mapFree(text, shownText, (free) => free.replace(/\p{L}[\p{L}\p{M}’']*/gu, change));
}

export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
