import type { UndefinedRate } from '../core/rate.ts';
import { requireSameLength, requireShares, undefinedBecause } from './requirements.ts';
import { type Interval, wilson } from './wilson.ts';

/** Predicted probabilities and what was true. */
export interface ProbabilitySample {
  /** In 0–1. */
  readonly probabilities: readonly number[];
  readonly positive: readonly boolean[];
}

export interface ReliabilityBin {
  /** Probabilities above `low` up to and with `high`; the first bin holds 0, too. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean probability, and share that was true; null in an empty bin. */
  readonly predicted: number | null;
  readonly observed: number | null;
  /** Wilson's interval of the observed share; null in an empty bin. */
  readonly interval: Interval | null;
}

/**
 * Mean squared distance of probability and truth, 0 (perfect) to 1; .25 for always saying .5.
 *
 * @returns undefined for an empty sample.
 * @throws RangeError for probabilities outside 0–1, or lists of different length.
 * @see Brier (1950), Monthly Weather Review 78, 1–3.
 */
export function brierScore(sample: ProbabilitySample): number | UndefinedRate {
  const { probabilities, positive } = checked(sample);
  if (probabilities.length === 0) return undefinedBecause('no labelled prediction');
  const squares = probabilities.reduce(
    (sum, probability, at) => sum + (probability - Number(positive[at])) ** 2,
    0,
  );
  return squares / probabilities.length;
}

/**
 * The reliability diagram: probabilities in bins of equal width, against what was true in each.
 *
 * @param bins default 10.
 * @throws RangeError as {@link brierScore}.
 */
export function reliabilityBins(
  sample: ProbabilitySample,
  { bins = 10 }: { readonly bins?: number } = {},
): ReliabilityBin[] {
  const { probabilities, positive } = checked(sample);
  if (!Number.isSafeInteger(bins) || bins < 1) throw new RangeError('needs at least one bin');
  const counted = Array.from({ length: bins }, () => ({ count: 0, sum: 0, positives: 0 }));
  probabilities.forEach((probability, at) => {
    const bin = counted[binOf(probability, bins)];
    if (bin === undefined) return;
    bin.count += 1;
    bin.sum += probability;
    bin.positives += Number(positive[at]);
  });
  return counted.map(({ count, sum, positives }, index) => ({
    low: index / bins,
    high: (index + 1) / bins,
    count,
    predicted: count === 0 ? null : sum / count,
    observed: count === 0 ? null : positives / count,
    interval: count === 0 ? null : wilson(positives, count),
  }));
}

/**
 * Expected calibration error: mean distance of predicted and observed share over bins of equal width,
 * weighted by their counts, 0–1. It depends on the bins and is biased upwards in small samples.
 *
 * @returns undefined for an empty sample.
 * @throws RangeError as {@link brierScore}.
 * @see Guo et al. (2017), arXiv 1706.04599.
 */
export function expectedCalibrationError(
  sample: ProbabilitySample,
  options: { readonly bins?: number } = {},
): number | UndefinedRate {
  const total = sample.probabilities.length;
  const bins = reliabilityBins(sample, options);
  if (total === 0) return undefinedBecause('no labelled prediction');
  return bins.reduce(
    (sum, { count, predicted, observed }) =>
      sum + (count / total) * Math.abs((predicted ?? 0) - (observed ?? 0)),
    0,
  );
}

/** Compares with the edge itself: .7 · 10 is above 7 in binary. */
function binOf(probability: number, bins: number): number {
  const bin = Math.max(0, Math.ceil(probability * bins) - 1);
  return bin > 0 && probability <= bin / bins ? bin - 1 : bin;
}

function checked(sample: ProbabilitySample): ProbabilitySample {
  requireSameLength(sample.probabilities, sample.positive, 'probabilities and labels');
  requireShares(sample.probabilities, 'probabilities');
  return sample;
}
