import type { UndefinedRate } from '../core/rate.ts';
import { familyRate } from './family-rate.ts';
import { type FamilyTable, pairSumsOf, sumsOf } from './family-table.ts';
import { correlationOf } from './pair-sums.ts';
import { undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

export interface RatioEstimate {
  /** From 0; 1 is equal. */
  readonly value: number;
  readonly ciLow: number;
  /** null where the data set no upper limit: the denominator may be 0. */
  readonly ciHigh: number | null;
  readonly method: string;
}

/** A share with limits, all in 0–1. */
export interface LimitedShare {
  readonly rate: number;
  readonly ciLow: number;
  readonly ciHigh: number;
}

/**
 * first / second by MOVER-R, from the limits of both shares and their correlation.
 *
 * @returns undefined where the second is 0.
 * @see Donner and Zou (2012), Statistical Methods in Medical Research 21, 347–359.
 */
export function ratioOfShares(
  first: LimitedShare,
  second: LimitedShare,
  correlation = 0,
): RatioEstimate | UndefinedRate {
  if (second.rate === 0) return undefinedBecause('the rate to compare with is 0');
  const product = first.rate * second.rate;
  const down = correlation * (first.rate - first.ciLow) * (second.ciHigh - second.rate);
  const up = correlation * (first.ciHigh - first.rate) * (second.rate - second.ciLow);
  const low = root(
    product - down,
    first.ciLow * (2 * first.rate - first.ciLow),
    second.ciHigh * (2 * second.rate - second.ciHigh),
  );
  const high = root(
    product - up,
    first.ciHigh * (2 * first.rate - first.ciHigh),
    second.ciLow * (2 * second.rate - second.ciLow),
  );
  const value = first.rate / second.rate;
  const lowerNumerator = first.ciLow * (2 * first.rate - first.ciLow);
  const divisor = second.ciLow * (2 * second.rate - second.ciLow);
  return {
    value,
    // The smaller root, in the form that does not lose digits where the divisor is about 0.
    ciLow: lowerNumerator <= 0 ? 0 : Math.min(value, lowerNumerator / (product - down + low)),
    ciHigh: divisor <= 0 ? null : Math.max(value, (product - up + high) / divisor),
    method: 'mover-r',
  };
}

/** first / second of four columns: trials and successes of each. Undefined without trials, too. */
export function ratioOfColumns(
  table: FamilyTable,
  columns: readonly [number, number, number, number] = [0, 1, 2, 3],
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): RatioEstimate | UndefinedRate {
  const first = sumsOf(table, columns[0], columns[1]);
  const second = sumsOf(table, columns[2], columns[3]);
  if (first.trials === 0 || second.trials === 0) return undefinedBecause('no trial');
  return ratioOfShares(
    familyRate(first, { confidence }),
    familyRate(second, { confidence }),
    correlationOf(pairSumsOf(table, columns)),
  );
}

function root(linear: number, constant: number, square: number): number {
  return Math.sqrt(Math.max(0, linear * linear - constant * square));
}
