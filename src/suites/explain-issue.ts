import type { z } from 'zod';
import { nearestName } from '../core/nearest.ts';

type Issue = z.core.$ZodIssue;

/** Says what was expected, for the first issue of a failed parse. Quotes names, never prose. */
export function explainIssues(
  issues: readonly Issue[],
  input: unknown,
  keys: readonly string[],
): string {
  const issue = issues[0];
  if (issue === undefined) return 'is not valid';
  const where = issue.path.length === 0 ? '' : `${formatPath(issue.path)}: `;
  return where + explain(issue, valueAt(input, issue.path), keys);
}

function explain(issue: Issue, value: unknown, keys: readonly string[]): string {
  if (issue.code === 'unrecognized_keys') {
    const named = issue.keys.map((key) => quoteName(key) + suggestion(key, keys));
    return `unknown key ${named.join(', ')}`;
  }
  if (issue.code === 'invalid_value') {
    const names = issue.values.filter((name) => typeof name === 'string');
    const expected = `expected one of ${names.join(', ')}`;
    if (typeof value !== 'string') return expected;
    return `unknown ${quoteName(value)}${suggestion(value, names)}; ${expected}`;
  }
  if (issue.code === 'invalid_type') {
    return value === undefined
      ? `is missing, expected ${issue.expected}`
      : `expected ${issue.expected}`;
  }
  return issue.message;
}

function suggestion(name: string, names: readonly string[]): string {
  const nearest = nearestName(name, names);
  return nearest === undefined ? '' : ` (did you mean ${quoteName(nearest)}?)`;
}

/** A name that a user typed, cut short: a slip can put a whole prompt there. */
function quoteName(name: string): string {
  return JSON.stringify(name.length > 32 ? `${name.slice(0, 32)}…` : name);
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
