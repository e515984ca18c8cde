import type { Estimate } from '../core/rate.ts';
import { twoSidedZ } from './quantile.ts';
import { requireFinite, undefinedBecause } from './requirements.ts';
import { logBeta } from './special.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

/**
 * AUROC with DeLong's variance and an interval on the logit scale, which stays inside 0–1. Scores
 * count as independent. Where the two kinds do not overlap the variance is 0: the interval then
 * runs from the AUROC that would give no overlap with a chance of (1 − confidence)/2.
 *
 * @returns undefined with fewer than two positives or two negatives.
 * @throws RangeError for scores that are not finite.
 * @see DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837–845; Sun and Xu (2014), IEEE
 * Signal Processing Letters 21, 1389–1393.
 */
export function aurocWithInterval(
  positives: readonly number[],
  negatives: readonly number[],
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Estimate {
  requireFinite(positives, 'scores');
  requireFinite(negatives, 'scores');
  if (positives.length < 2 || negatives.length < 2) {
    return undefinedBecause('fewer than two positives or two negatives');
  }
  const ofPositives = placements(positives, negatives);
  const ofNegatives = placements(negatives, positives);
  const value = ofPositives.reduce((sum, share) => sum + share, 0) / positives.length;
  const variance =
    spreadOf(ofPositives) / positives.length + spreadOf(ofNegatives) / negatives.length;
  if (variance === 0 || value === 0 || value === 1) {
    return { value, ...separated(value, positives.length, negatives.length, confidence) };
  }
  const logit = Math.log(value / (1 - value));
  const half = (twoSidedZ(confidence) * Math.sqrt(variance)) / (value * (1 - value));
  return {
    value,
    ciLow: 1 / (1 + Math.exp(half - logit)),
    ciHigh: 1 / (1 + Math.exp(-half - logit)),
    method: 'delong (logit)',
  };
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
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/**
 * Scores that separate fully. Were they exponential with hazards h and 1 (so AUROC 1/(1+h)), all m
 * positives would lie above all n negatives with the chance n·B(n, 1 + m·h): the limit is the AUROC
 * at which that chance is (1 − confidence)/2.
 */
function separated(
  value: number,
  positives: number,
  negatives: number,
  confidence: number,
): { ciLow: number; ciHigh: number; method: string } {
  if (value > 0 && value < 1) {
    return { ciLow: 0, ciHigh: 1, method: 'none: the scores do not vary' };
  }
  const tail = (1 - confidence) / 2;
  const chance = (auroc: number): number => {
    const hazard = (1 - auroc) / auroc;
    return Math.exp(Math.log(negatives) + logBeta(negatives, 1 + positives * hazard));
  };
  let low = 1e-9;
  let high = 1 - 1e-12;
  for (let step = 0; step < 80; step += 1) {
    const middle = (low + high) / 2;
    if (chance(middle) < tail) low = middle;
    else high = middle;
  }
  return value === 1
    ? { ciLow: low, ciHigh: 1, method: 'lehmann (separated scores)' }
    : { ciLow: 0, ciHigh: 1 - low, method: 'lehmann (separated scores)' };
}
