import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { z } from 'zod';

/** The cases of a file that generate.py wrote, checked against the shape a test expects. */
export function readGolden<T>(name: string, cases: z.ZodType<T>): T {
  const path = fileURLToPath(new URL(`${name}.json`, import.meta.url));
  return z.object({ cases }).parse(JSON.parse(readFileSync(path, 'utf8'))).cases;
}

/** Within 1e-9, relative for numbers beyond 1. */
export function expectClose(actual: number, expected: number, tolerance = 1e-9): void {
  expect(Number.isFinite(actual)).toBe(true);
  const distance = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  expect(distance, `${actual} against ${expected}`).toBeLessThanOrEqual(tolerance);
}

/** Fails where a result is undefined: what is left is the defined kind. */
export function defined<T extends object>(result: T): Exclude<T, { readonly undefined: true }> {
  if (isUndefined(result)) throw new Error(`undefined: ${result.reason}`);
  return result as Exclude<T, { readonly undefined: true }>;
}

function isUndefined(result: object): result is { undefined: true; reason: string } {
  return 'undefined' in result;
}

export const numbers = z.array(z.number());
export const limits = z.tuple([z.number(), z.number()]);
