import { followJsonPath, type JsonPathStep, parseJsonPath } from './json-path.ts';
import { rankedByNearness } from './nearest.ts';

// Enough to find the right one among them, few enough for a line.
const MAX_KEYS = 12;
const MAX_KEY_LENGTH = 40;

/** Whether a path leads anywhere in an answer. */
export function leadsSomewhere(text: string, answer: unknown): boolean {
  const path = parseJsonPath(text);
  return typeof path !== 'string' && followJsonPath(path, answer).values.length > 0;
}

/**
 * Where a path loses its way in an answer, with the keys that stand there, the nearest ones first:
 * `$.data[0] has url, seed`. Undefined where it leads somewhere or is malformed. Shows no values.
 */
export function explainLostPath(text: string, answer: unknown): string | undefined {
  const path = parseJsonPath(text);
  if (typeof path === 'string' || leadsSomewhere(text, answer)) return undefined;
  const { steps } = path;
  const valuesAfter = (count: number): readonly unknown[] =>
    followJsonPath({ text, steps: steps.slice(0, count) }, answer).values;
  let reached = 0;
  while (valuesAfter(reached + 1).length > 0) reached += 1;
  const place = `$${steps.slice(0, reached).map(written).join('')}`;
  return `${place} ${holds(valuesAfter(reached), steps[reached])}`;
}

function holds(values: readonly unknown[], wanted: JsonPathStep | undefined): string {
  const [value] = values;
  if (Array.isArray(value)) return `is a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return 'is no object or list';
  const keys = [...new Set(values.flatMap((item) => keysOf(item)))];
  if (keys.length === 0) return 'is empty';
  const ranked = wanted?.kind === 'key' ? rankedByNearness(wanted.key, keys) : keys;
  const shown = ranked.slice(0, MAX_KEYS).map((key) => key.slice(0, MAX_KEY_LENGTH));
  return `has ${shown.join(', ')}${keys.length > MAX_KEYS ? ', …' : ''}`;
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
