/** A parsed path into an answer, such as `$.data[*].url`. */
export interface JsonPath {
  /** As it was written, for messages. */
  readonly text: string;
  readonly steps: readonly JsonPathStep[];
}

export type JsonPathStep =
  | { readonly kind: 'key'; readonly key: string }
  /** Negative: from the end. */
  | { readonly kind: 'index'; readonly index: number }
  /** Every item of a list or value of an object. */
  | { readonly kind: 'each' };

/** What a path leads to. */
export interface JsonPathMatch {
  /** In order; null is a value. */
  readonly values: readonly unknown[];
  /** Whether a `[*]` stood before a list or an object without items: nothing there, as opposed to no such place. */
  readonly metEmpty: boolean;
}

const STEP =
  /\.([\p{L}_][\p{L}\p{N}_-]*)|\.\*|\[\*\]|\[(-?\d{1,9})\]|\['([^'\\]*)'\]|\["([^"\\]*)"\]/uy;

/**
 * Parses the part of RFC 9535 that names places: `$`, `.key`, `['key']`, `[0]`, `[-1]`, `[*]` and
 * `.*`. Filters, slices and `..` are left out: what a path matches must be plain to who reads it.
 *
 * @returns what is wrong, as a sentence, where it is no such path.
 */
export function parseJsonPath(text: string): JsonPath | string {
  if (!text.startsWith('$')) return 'a JSON path begins with $, such as $.data[*].url';
  const steps: JsonPathStep[] = [];
  let at = 1;
  while (at < text.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    if (match === null) {
      return `cannot read "${text.slice(at, at + 20)}": a JSON path is made of .key, ['key'], [0] and [*]`;
    }
    const [whole, key, index, single, double] = match;
    const name = key ?? single ?? double;
    if (name !== undefined) steps.push({ kind: 'key', key: name });
    else if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else steps.push({ kind: 'each' });
    at += whole.length;
  }
  return { text, steps };
}

/** Follows a path. Places that are not there are left out. */
export function followJsonPath(path: JsonPath, value: unknown): JsonPathMatch {
  let values: unknown[] = [value];
  let metEmpty = false;
  for (const step of path.steps) {
    const items = values.filter((item) => typeof item === 'object' && item !== null);
    if (step.kind === 'each') metEmpty ||= items.some((item) => Object.keys(item).length === 0);
    values = items.flatMap((item) => take(step, item));
  }
  return { values, metEmpty };
}

function take(step: JsonPathStep, item: object): unknown[] {
  switch (step.kind) {
    case 'key':
      // A list has a `length`, but no such key.
      return !Array.isArray(item) && Object.hasOwn(item, step.key)
        ? [Reflect.get(item, step.key)]
        : [];
    case 'index':
      return Array.isArray(item) && -item.length <= step.index && step.index < item.length
        ? [item.at(step.index)]
        : [];
    case 'each':
      return Object.values(item);
  }
}
