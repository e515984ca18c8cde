import { normalQuantile } from './quantile.ts';
import { normalCdf } from './special.ts';
import type { Interval } from './wilson.ts';

/**
 * The quantile of sorted numbers, interpolated between neighbours (R's type 7, numpy's default).
 *
 * @throws RangeError for an empty list.
 */
export function sortedQuantile(sorted: ArrayLike<number>, probability: number): number {
  if (sorted.length === 0) throw new RangeError('nothing has no quantile');
  const position = Math.min(1, Math.max(0, probability)) * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? 0;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? 0;
  return low + (high - low) * (position - below);
}

/** The percentile interval of sorted replicates. */
export function percentileInterval(sorted: ArrayLike<number>, confidence: number): Interval {
  const tail = (1 - confidence) / 2;
  return { low: sortedQuantile(sorted, tail), high: sortedQuantile(sorted, 1 - tail) };
}

/** Leave-one-family-out values; equal ones are given once with their number. */
export interface JackknifeValue {
  readonly value: number;
  readonly times: number;
}

/**
 * The bias-corrected and accelerated interval of sorted replicates. Replicates equal to the value
 * count half. Undefined where it collapses: all replicates on one side of the value, or a jackknife
 * that does not vary.
 *
 * @see Efron (1987), JASA 82, 171–185.
 */
export function bcaInterval(
  sorted: ArrayLike<number>,
  value: number,
  jackknife: readonly JackknifeValue[],
  confidence: number,
): Interval | undefined {
  const below = shareBelow(sorted, value);
  const acceleration = accelerationOf(jackknife);
  if (!(below > 0 && below < 1) || acceleration === undefined) return undefined;
  const bias = normalQuantile(below);
  const tail = (1 - confidence) / 2;
  const adjusted = (probability: number): number => {
    const shifted = bias + normalQuantile(probability);
    return normalCdf(bias + shifted / (1 - acceleration * shifted));
  };
  return {
    low: sortedQuantile(sorted, adjusted(tail)),
    high: sortedQuantile(sorted, adjusted(1 - tail)),
  };
}

function shareBelow(sorted: ArrayLike<number>, value: number): number {
  let below = 0;
  let equal = 0;
  for (let at = 0; at < sorted.length; at += 1) {
    const replicate = sorted[at] ?? 0;
    if (replicate < value) below += 1;
    else if (replicate === value) equal += 1;
  }
  return (below + equal / 2) / sorted.length;
}

function accelerationOf(jackknife: readonly JackknifeValue[]): number | undefined {
  let families = 0;
  let sum = 0;
  for (const { value, times } of jackknife) {
    families += times;
    sum += value * times;
  }
  const mean = sum / families;
  let squares = 0;
  let cubes = 0;
  for (const { value, times } of jackknife) {
    const distance = mean - value;
    squares += distance ** 2 * times;
    cubes += distance ** 3 * times;
  }
  return squares > 0 && Number.isFinite(cubes) ? cubes / (6 * squares ** 1.5) : undefined;
}
