import type { UndefinedRate } from '../core/rate.ts';

/** A number that cannot be given, and why. */
export function undefinedBecause(reason: string): UndefinedRate {
  return { undefined: true, reason };
}

/** @throws RangeError unless all are finite: one NaN would poison every number after it. */
export function requireFinite(values: Iterable<number>, name: string): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`${name} must be finite numbers`);
  }
}

/** @throws RangeError unless all are whole numbers from 0. */
export function requireCounts(values: Iterable<number>, name: string): void {
  for (const value of values) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${name} must be whole numbers from 0`);
    }
  }
}

/** @throws RangeError unless all lie in 0–1. */
export function requireShares(values: Iterable<number>, name: string): void {
  for (const value of values) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must lie in 0–1`);
  }
}

/** @throws RangeError unless strictly between 0 and 1. */
export function requireOpenShare(value: number, name: string): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name} must lie strictly between 0 and 1`);
}

/** @throws RangeError where two lists that belong together differ in length. */
export function requireSameLength(
  first: { readonly length: number },
  second: { readonly length: number },
  names: string,
): void {
  if (first.length !== second.length) throw new RangeError(`${names} must be of one length`);
}
