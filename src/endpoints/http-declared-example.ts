import { followJsonPath, type JsonPathStep, parseJsonPath } from '../core/json-path.ts';

/** Recorded answers of a provider, against which paths are tried before anything is sent. */
export interface DeclaredExamples {
  /** A job's first answer. */
  readonly ticket?: unknown;
  /** The answer that holds media. */
  readonly answer?: unknown;
  readonly refusal?: unknown;
}

/** A path, where the declaration writes it, and the answer that it reads. */
export interface TriedPath {
  readonly at: readonly (string | number)[];
  readonly text: string;
  readonly reads: keyof DeclaredExamples;
}

/** What the examples show to be wrong: each path that leads nowhere, and where it loses its way. */
export function problemsWithExamples(
  examples: DeclaredExamples,
  tried: readonly TriedPath[],
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  return tried.flatMap(({ at, text, reads }) => {
    const example = examples[reads];
    const message = example === undefined ? undefined : whereItEnds(text, example, reads);
    return message === undefined ? [] : [{ path: at, message }];
  });
}

/** Whether a path leads anywhere in an answer. */
export function leadsSomewhere(text: string, answer: unknown): boolean {
  const path = parseJsonPath(text);
  return typeof path !== 'string' && followJsonPath(path, answer).values.length > 0;
}

function whereItEnds(text: string, example: unknown, reads: string): string | undefined {
  const path = parseJsonPath(text);
  // A malformed path is told of elsewhere.
  if (typeof path === 'string' || followJsonPath(path, example).values.length > 0) return undefined;
  const steps = path.steps;
  const valuesAfter = (count: number): readonly unknown[] =>
    followJsonPath({ text, steps: steps.slice(0, count) }, example).values;
  let reached = 0;
  while (valuesAfter(reached + 1).length > 0) reached += 1;
  const place = `$${steps.slice(0, reached).map(written).join('')}`;
  return `${text} matches nothing in \`example.${reads}\`: ${place} ${holds(valuesAfter(reached))}`;
}

function holds(values: readonly unknown[]): string {
  const [value] = values;
  if (Array.isArray(value)) return `is a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return 'is no object or list';
  const keys = [...new Set(values.flatMap((item) => keysOf(item)))];
  return keys.length === 0 ? 'is empty' : `has ${keys.slice(0, 12).join(', ')}`;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function written(step: JsonPathStep): string {
  switch (step.kind) {
    case 'key':
      return `.${step.key}`;
    case 'index':
      return `[${step.index}]`;
    case 'each':
      return '[*]';
  }
}
