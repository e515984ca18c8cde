import { expect } from 'vitest';
import type { Ended } from './safelight.ts';

/** Stands in prompts of these tests, and must never be printed. */
export const PROMPT_MARK = 'zanzibar';

/** A token in these tests, that must never be printed or written. */
export const SECRET = 'hf_notarealtoken0123456789';

interface Expected {
  /** Default 2: usage or configuration. */
  readonly exitCode?: number;
  /** Found in the first line. */
  readonly message: string | RegExp;
  /** Found in the lines below it. */
  readonly hint: string | RegExp;
}

/** One message, what to do about it, and nothing that a user should not see. */
export function expectClearError(ended: Ended, { exitCode = 2, message, hint }: Expected): void {
  expectNothingLeaks(ended);
  const [first = '', ...rest] = ended.stderr.trimEnd().split('\n');
  expect(first).toMatch(/^error: /);
  expect(first).toMatch(message);
  expect(rest.join('\n')).toMatch(hint);
  expect(ended.stdout).toBe('');
  expect(ended.exitCode).toBe(exitCode);
}

export function expectNothingLeaks({ stdout, stderr }: Ended): void {
  const printed = stdout + stderr;
  expect(printed).not.toMatch(/^ {4}at /m);
  expect(printed).not.toContain('fault in Safelight');
  expect(printed).not.toContain(PROMPT_MARK);
  expect(printed).not.toContain(SECRET);
}
