import { formatError, RECORD_LIMIT_CHARACTERS, readText } from './read-text.ts';

/** A member of the list or object that a JSON file is. */
export interface JsonItem {
  /** Of an object's member. */
  readonly key: string | undefined;
  /** 1-based line on which it begins. */
  readonly line: number;
  readonly value: unknown;
}

/**
 * Streams the members of the one list or object that a JSON file holds, in the order of the file,
 * so that a file of any size takes the memory of its largest member. Each member's own syntax is
 * left to `JSON.parse`.
 *
 * @throws SafelightError `import_format` with the line, where the file is no such JSON.
 */
export async function* readJsonItems(file: string): AsyncIterable<JsonItem> {
  const splitter = new MemberSplitter(file);
  for await (const text of readText(file)) yield* splitter.push(text);
  splitter.end();
}

const SPACE = /\s/;
/** Whatever may end or open something; all between is copied as it is. */
const MARK = /["{}[\],]/g;
const STRING_MARK = /["\\]/g;

class MemberSplitter {
  readonly #file: string;
  #state: 'before' | 'inside' | 'after' = 'before';
  #closing = '';
  #parts: string[] = [];
  #length = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  #startLine = 1;
  #members = 0;

  constructor(file: string) {
    this.#file = file;
  }

  *push(text: string): Iterable<JsonItem> {
    if (text === '') return;
    let at = this.#escaped ? 1 : 0;
    this.#escaped = false;
    if (this.#state === 'before') at = this.#open(text);
    let from = at;
    while (this.#state === 'inside') {
      const pattern = this.#inString ? STRING_MARK : MARK;
      pattern.lastIndex = at;
      const mark = pattern.exec(text)?.index;
      if (mark === undefined) break;
      at = mark + 1;
      const sign = text[mark] ?? '';
      if (sign === '"') {
        this.#inString = !this.#inString;
      } else if (this.#inString) {
        // A backslash: the sign behind it may only come with the next part of the text.
        if (at < text.length) at += 1;
        else this.#escaped = true;
      } else if (this.#depth === 0 && (sign === ',' || sign === this.#closing)) {
        this.#take(text.slice(from, mark));
        from = at;
        const item = this.#member(sign !== ',');
        if (item !== undefined) yield item;
        if (sign !== ',') this.#state = 'after';
      } else if (sign === '{' || sign === '[') {
        this.#depth += 1;
      } else if (sign !== ',') {
        this.#depth -= 1;
        if (this.#depth < 0) {
          this.#line = this.#startLine + countLines(this.#parts.join('') + text.slice(from, mark));
          throw this.#broken();
        }
      }
    }
    if (this.#state === 'inside') this.#take(text.slice(from));
    else if (text.slice(from).trim() !== '') throw this.#broken();
  }

  end(): void {
    if (this.#state === 'before') {
      throw formatError(this.#file, 'expected JSON, the file is empty');
    }
    if (this.#state !== 'after') throw this.#broken('the list or object is never closed');
  }

  /** Behind the opening bracket, or the end of the text where there is white space only. */
  #open(text: string): number {
    for (let at = 0; at < text.length; at += 1) {
      const sign = text[at] ?? '';
      if (sign === '\n') this.#line += 1;
      if (SPACE.test(sign)) continue;
      if (sign !== '[' && sign !== '{') throw this.#broken('expected a list or an object');
      this.#closing = sign === '[' ? ']' : '}';
      this.#state = 'inside';
      this.#startLine = this.#line;
      return at + 1;
    }
    return text.length;
  }

  #take(part: string): void {
    this.#length += part.length;
    if (this.#length > RECORD_LIMIT_CHARACTERS) {
      const problem = `expected members of at most ${RECORD_LIMIT_CHARACTERS} characters`;
      throw formatError(this.#file, problem, { line: this.#startLine });
    }
    this.#parts.push(part);
  }

  #member(isLast: boolean): JsonItem | undefined {
    const text = this.#parts.join('');
    this.#parts = [];
    this.#length = 0;
    const lead = /^\s*/.exec(text)?.[0] ?? '';
    const line = this.#startLine + countLines(lead);
    this.#line = this.#startLine + countLines(text);
    this.#startLine = this.#line;
    if (text.trim() === '') {
      if (isLast && this.#members === 0) return undefined;
      throw this.#broken('a member is missing');
    }
    this.#members += 1;
    const isObject = this.#closing === '}';
    let value: unknown;
    try {
      value = JSON.parse(isObject ? `{${text}}` : text);
    } catch {
      // The engine's own message quotes the text.
      throw formatError(this.#file, 'expected JSON', { line });
    }
    if (!isObject) return { key: undefined, line, value };
    if (typeof value !== 'object' || value === null) throw this.#broken();
    const [entry] = Object.entries(value);
    return { key: entry?.[0], line, value: entry?.[1] };
  }

  #broken(problem = 'brackets do not match'): Error {
    return formatError(this.#file, `expected JSON: ${problem}`, { line: this.#line });
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
