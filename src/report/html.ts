/** Markup that this module made. Only instances are put into a page unescaped. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** Builds markup. Every value is escaped for text and for quoted attributes, but {@link Html} is not. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = strings[0] ?? '';
  values.forEach((value, index) => {
    markup += renderValue(value) + (strings[index + 1] ?? '');
  });
  return new Html(markup);
}

/** Vouches for markup from a source that escapes by itself. Never for text from outside. */
export function trustedMarkup(markup: string): Html {
  return new Html(markup);
}

/** Text from outside in a line of our own: its direction marks cannot reorder what surrounds it. */
export function isolated(text: string): Html {
  return html`<bdi>${text}</bdi>`;
}

function renderValue(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(renderValue).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Escapes for text and quoted attributes; what HTML cannot hold becomes U+FFFD. */
export function escapeHtml(text: string): string {
  return replaceUnprintable(text).replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/**
 * Control characters but tab and line feed, and half surrogate pairs, become U+FFFD. So do the
 * characters that open or close a direction: left open, they reach beyond the element that holds
 * them, isolation or not (the element's own end closes the innermost one only).
 */
function replaceUnprintable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]|\p{Cs}|[\u202A-\u202E\u2066-\u2069\uFFFE\uFFFF]/gu, '\uFFFD');
}

/** For places without isolation (attributes, chart labels): direction marks are taken out. */
export function withoutDirectionMarks(text: string): string {
  return replaceUnprintable(text.replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, ''));
}

/** Cuts a label to a number of characters, never within a surrogate pair. */
export function shortLabel(text: string, length: number): string {
  const characters = Array.from(withoutDirectionMarks(text));
  return characters.length <= length
    ? characters.join('')
    : `${characters.slice(0, length - 1).join('')}…`;
}
