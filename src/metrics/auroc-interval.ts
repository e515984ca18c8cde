import type { Estimate } from '../core/rate.ts';
import { twoSidedZ } from './quantile.ts';
import { requireFinite, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

/**
 * AUROC with Newcombe's score-type interval (his method 5): the AUROCs from which the observed one is
 * no further than z standard errors, by Hanley and McNeil's variance with both group sizes averaged.
 * It stays inside 0–1 and has a width where the scores separate fully. Scores count as independent.
 *
 * @returns undefined without a positive or without a negative.
 * @throws RangeError for scores that are not finite.
 * @see Newcombe (2006), Statistics in Medicine 25, 559–573.
 */
export function aurocWithInterval(
  positives: readonly number[],
  negatives: readonly number[],
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Estimate {
  requireFinite(positives, 'scores');
  requireFinite(negatives, 'scores');
  if (positives.length === 0) return undefinedBecause('no positive with known truth');
  if (negatives.length === 0) return undefinedBecause('no negative with known truth');
  const value = meanOf(placements(positives, negatives));
  const z = twoSidedZ(confidence);
  const isNear = (auroc: number): boolean =>
    (value - auroc) ** 2 <= z * z * newcombeVariance(auroc, positives.length, negatives.length);
  return {
    value,
    ciLow: value === 0 ? 0 : furthest(value, 0, isNear),
    ciHigh: value === 1 ? 1 : furthest(value, 1, isNear),
    method: 'newcombe 5',
  };
}

/**
 * DeLong's variance of an AUROC, for comparisons of two detectors and for standard errors; 0 where
 * the scores separate fully, so that no interval should rest on it alone.
 *
 * @returns undefined with fewer than two positives or two negatives.
 * @throws RangeError for scores that are not finite.
 * @see DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837–845.
 */
export function delongVariance(
  positives: readonly number[],
  negatives: readonly number[],
): number | undefined {
  requireFinite(positives, 'scores');
  requireFinite(negatives, 'scores');
  if (positives.length < 2 || negatives.length < 2) return undefined;
  return (
    spreadOf(placements(positives, negatives)) / positives.length +
    spreadOf(placements(negatives, positives)) / negatives.length
  );
}

function newcombeVariance(auroc: number, positives: number, negatives: number): number {
  const average = (positives + negatives) / 2;
  const spread = 1 + (average - 1) * ((1 - auroc) / (2 - auroc) + auroc / (1 + auroc));
  return (auroc * (1 - auroc) * spread) / (positives * negatives);
}

/** Bisects between the value, which is near itself, and an end, which is not. */
function furthest(value: number, end: number, isNear: (auroc: number) => boolean): number {
  let near = value;
  let far = end;
  for (let step = 0; step < 100 && Math.abs(far - near) > 1e-15; step += 1) {
    const middle = (near + far) / 2;
    if (isNear(middle)) near = middle;
    else far = middle;
  }
  return near;
}

/** For each score the share of the others that it exceeds, ties counting half. */
function placements(scores: readonly number[], others: readonly number[]): number[] {
  const sorted = others.toSorted((a, b) => a - b);
  return scores.map((score) => {
    const below = countBelow(sorted, (other) => other < score);
    const notAbove = countBelow(sorted, (other) => other <= score);
    return (below + notAbove) / 2 / sorted.length;
  });
}

/** How many from the start satisfy a condition that no later one does. */
function countBelow(sorted: readonly number[], isBelow: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBelow(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
