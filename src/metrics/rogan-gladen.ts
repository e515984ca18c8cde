import type { UndefinedRate } from '../core/rate.ts';
import { twoSidedZ } from './quantile.ts';
import { requireFinite, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

/** What a detector flagged, and how it did on media whose truth is known. Whole numbers, or the effective counts of weighted samples. */
export interface FlaggedCounts {
  readonly flagged: number;
  readonly trials: number;
  /** Of `positives` truly positive ones, how many the detector found: the sensitivity. */
  readonly truePositives: number;
  readonly positives: number;
  /** Of `negatives` truly negative ones, how many it let pass: the specificity. */
  readonly trueNegatives: number;
  readonly negatives: number;
}

/** A rate corrected for a detector's errors. Shares are in 0–1. */
export interface CorrectedRate {
  readonly value: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly standardError: number;
  readonly method: string;
  /** Before clipping to 0–1. */
  readonly unclipped: number;
  readonly clipped: boolean;
  readonly warnings: readonly string[];
}

/**
 * The rate behind a flagged share, (q + Sp − 1) / (Se + Sp − 1), clipped to 0–1 and flagged where it
 * lies outside. Its variance adds that of q, Se and Sp by the delta method. The interval is Lang and
 * Reiczigel's, which adds one success and one failure to each error sample and holds where Se or Sp
 * is observed as 0 or 1; `interval: 'delta'` gives ±z standard errors and is too narrow for
 * small counts.
 *
 * Only right where Se and Sp come from samples by true status, or are weighted back, on media like
 * those that were flagged. Trials count as independent: with families, give n_eff.
 *
 * @returns undefined without trials or without known truth of either kind, and for a detector no
 * better than chance (Se + Sp ≤ 1), whose flags cannot be inverted.
 * @throws RangeError for counts that are negative or not finite, or parts larger than their whole.
 * @see Rogan and Gladen (1978), American Journal of Epidemiology 107, 71–76; Lang and Reiczigel
 * (2014), Preventive Veterinary Medicine 113, 13–22.
 */
export function roganGladen(
  counts: FlaggedCounts,
  {
    confidence = DEFAULT_CONFIDENCE,
    interval = 'lang-reiczigel',
  }: { readonly confidence?: number; readonly interval?: 'lang-reiczigel' | 'delta' } = {},
): CorrectedRate | UndefinedRate {
  requirePart(counts.flagged, counts.trials, 'flagged trials');
  requirePart(counts.truePositives, counts.positives, 'true positives');
  requirePart(counts.trueNegatives, counts.negatives, 'true negatives');
  if (counts.trials === 0) return undefinedBecause('no trial was looked at');
  if (counts.positives === 0) return undefinedBecause('no positive with known truth');
  if (counts.negatives === 0) return undefinedBecause('no negative with known truth');
  const observed = partsOf(counts, 0, 0);
  if (observed.youden <= 0) {
    return undefinedBecause('the detector is no better than chance (Se + Sp ≤ 1)');
  }
  const z = twoSidedZ(confidence);
  const adjusted = interval === 'delta' ? observed : partsOf(counts, z * z, 2);
  if (adjusted.youden <= 0) {
    return undefinedBecause('too few labels: with one added to each cell, Se + Sp ≤ 1');
  }
  const shift = interval === 'delta' ? 0 : 2 * z * z * adjusted.skew;
  const value = clip(observed.value);
  return {
    value,
    ciLow: Math.min(value, clip(adjusted.value + shift - z * adjusted.standardError)),
    ciHigh: Math.max(value, clip(adjusted.value + shift + z * adjusted.standardError)),
    standardError: observed.standardError,
    method: `rogan-gladen (${interval})`,
    unclipped: observed.value,
    clipped: value !== observed.value,
    warnings: warningsOf(counts, observed, interval),
  };
}

interface Parts {
  readonly value: number;
  readonly youden: number;
  readonly standardError: number;
  /** π·Var(Se) − (1−π)·Var(Sp): how far the two error samples skew the estimate. */
  readonly skew: number;
  readonly sensitivity: number;
  readonly specificity: number;
}

/** The estimate with so many trials added in halves to every count. */
function partsOf(counts: FlaggedCounts, addedTrials: number, addedKnown: number): Parts {
  const trials = counts.trials + addedTrials;
  const positives = counts.positives + addedKnown;
  const negatives = counts.negatives + addedKnown;
  const q = (counts.flagged + addedTrials / 2) / trials;
  const sensitivity = (counts.truePositives + addedKnown / 2) / positives;
  const specificity = (counts.trueNegatives + addedKnown / 2) / negatives;
  const youden = sensitivity + specificity - 1;
  const value = (q + specificity - 1) / youden;
  const ofSensitivity = (sensitivity * (1 - sensitivity)) / positives;
  const ofSpecificity = (specificity * (1 - specificity)) / negatives;
  const variance =
    (q * (1 - q)) / trials + value ** 2 * ofSensitivity + (1 - value) ** 2 * ofSpecificity;
  return {
    value,
    youden,
    standardError: Math.sqrt(variance) / Math.abs(youden),
    skew: value * ofSensitivity - (1 - value) * ofSpecificity,
    sensitivity,
    specificity,
  };
}

function warningsOf(
  counts: FlaggedCounts,
  { value, sensitivity, specificity }: Parts,
  interval: string,
): string[] {
  const exact = [sensitivity, specificity].some((share) => share === 0 || share === 1);
  const rarest = Math.min(
    counts.truePositives,
    counts.positives - counts.truePositives,
    counts.trueNegatives,
    counts.negatives - counts.trueNegatives,
  );
  return [
    ...(value < 0 || value > 1
      ? [
          'The corrected rate lay outside 0–1 and was clipped: the error rates do not fit the media.',
        ]
      : []),
    ...(exact && interval === 'delta'
      ? ['Se or Sp is 0 or 1 in the sample, so its own uncertainty counts as nothing.']
      : []),
    ...(!exact && interval === 'delta' && rarest < 10
      ? ['Fewer than 10 labelled hits or errors of a kind: the delta interval is too narrow.']
      : []),
    ...(Math.min(counts.positives, counts.negatives) < 50
      ? ['Fewer than 50 labelled positives or negatives: the interval is wide or rough.']
      : []),
  ];
}

function requirePart(part: number, whole: number, name: string): void {
  requireFinite([part, whole], name);
  if (part < 0) throw new RangeError(`${name} must not be negative`);
  if (part > whole) throw new RangeError(`${name} exceed their total`);
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
