import type { Estimate } from '../core/rate.ts';
import { twoSidedZ } from '../metrics/quantile.ts';
import { DEFAULT_CONFIDENCE } from '../metrics/wilson.ts';

/**
 * A quantile with the distribution-free interval between two order statistics, whose ranks are those
 * that a binomial count reaches (normal approximation, rounded outwards).
 */
export function quantileWithInterval(values: readonly number[], probability: number): Estimate {
  if (values.length === 0) return { undefined: true, reason: 'nothing was timed' };
  const sorted = Float64Array.from(values).sort();
  const at = (rank: number): number =>
    sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? Number.NaN;
  const expected = probability * sorted.length;
  const spread =
    twoSidedZ(DEFAULT_CONFIDENCE) * Math.sqrt(sorted.length * probability * (1 - probability));
  return {
    value: at(Math.ceil(expected) - 1),
    ciLow: at(Math.floor(expected - spread) - 1),
    ciHigh: at(Math.ceil(expected + spread)),
    method: 'order statistics',
  };
}
