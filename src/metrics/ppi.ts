import type { UndefinedRate } from '../core/rate.ts';
import { twoSidedZ } from './quantile.ts';
import { requireFinite, requireSameLength, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

/** A simple random sample with labels, and the rest of the media without. */
export interface PredictionSample {
  /** True values of the labelled media, such as 1 for harmful and 0 for not. */
  readonly truth: readonly number[];
  /** What the detector said of the same media, in the same order. */
  readonly predicted: readonly number[];
  /** What it said of media without labels; none of them is labelled above. */
  readonly predictedUnlabelled: readonly number[];
}

export interface PredictionPoweredMean {
  readonly value: number;
  /** value ∓ z standard errors; not clipped, so that a limit may lie outside 0–1. */
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly standardError: number;
  /** How much the detector is leaned on: 0 not at all (the labels alone), 1 fully. */
  readonly lambda: number;
  /** Why λ is 0 where the data could not decide it. */
  readonly lambdaReason?: string;
  readonly method: string;
  readonly warnings: readonly string[];
}

/**
 * PPI++: θ = λ·mean_N(Ŷ) + mean_n(Y − λŶ), with the λ that makes it most precise,
 * clip(Cov(Y, Ŷ) / ((1 + n/N) Var Ŷ), 0, 1). A useless detector costs nothing. λ is 0 where the
 * detector says the same of everything. For simple random samples of independent media; with strata,
 * families or refusals see {@link stratifiedPpi}.
 *
 * @returns undefined with fewer than two labels or without unlabelled media.
 * @throws RangeError for numbers that are not finite, or lists of different length.
 * @see Angelopoulos, Duchi and Zrnic (2023), arXiv 2311.01453.
 */
export function ppiPlusPlus(
  { truth, predicted, predictedUnlabelled }: PredictionSample,
  {
    lambda: given,
    confidence = DEFAULT_CONFIDENCE,
  }: { readonly lambda?: number; readonly confidence?: number } = {},
): PredictionPoweredMean | UndefinedRate {
  requireSameLength(truth, predicted, 'labels and predictions');
  requireFinite(truth, 'labels');
  requireFinite(predicted, 'predictions');
  requireFinite(predictedUnlabelled, 'predictions');
  if (truth.length < 2) return undefinedBecause('fewer than two labels');
  if (predictedUnlabelled.length === 0) return undefinedBecause('no media without a label');
  const tuned = given === undefined ? tuneLambda(truth, predicted, predictedUnlabelled) : given;
  const lambda = tuned ?? 0;
  const rectifier = truth.map((y, at) => y - lambda * (predicted[at] ?? 0));
  const value = lambda * meanOf(predictedUnlabelled) + meanOf(rectifier);
  const standardError = Math.sqrt(
    (lambda ** 2 * varianceOf(predictedUnlabelled)) / predictedUnlabelled.length +
      varianceOf(rectifier) / rectifier.length,
  );
  const half = twoSidedZ(confidence) * standardError;
  return {
    value,
    ciLow: value - half,
    ciHigh: value + half,
    standardError,
    lambda,
    ...(tuned === undefined ? { lambdaReason: 'the detector says the same of everything' } : {}),
    method: 'ppi++',
    warnings: warningsOf(truth, predicted),
  };
}

/** Below so many of either the z interval covers about 91 % (docs/statistics.md). */
const FEWEST = 15;

function warningsOf(truth: readonly number[], predicted: readonly number[]): string[] {
  const positives = truth.filter((y) => y >= 0.5).length;
  const rarer = Math.min(positives, truth.length - positives);
  const wrong = truth.filter((y, at) => Math.abs(y - (predicted[at] ?? 0)) >= 0.5).length;
  return [
    ...(rarer < FEWEST
      ? [`Fewer than ${FEWEST} labelled positives or negatives: the interval is too narrow.`]
      : []),
    ...(wrong < FEWEST
      ? [`Label and detector differ fewer than ${FEWEST} times: the interval is too narrow.`]
      : []),
  ];
}

function tuneLambda(
  truth: readonly number[],
  predicted: readonly number[],
  unlabelled: readonly number[],
): number | undefined {
  const spread = varianceOf([...predicted, ...unlabelled], 1);
  if (!(spread > 0)) return undefined;
  const meanTruth = meanOf(truth);
  const meanPredicted = meanOf(predicted);
  const covariance = meanOf(
    truth.map((y, at) => (y - meanTruth) * ((predicted[at] ?? 0) - meanPredicted)),
  );
  const lambda = covariance / ((1 + truth.length / unlabelled.length) * spread);
  return Math.min(1, Math.max(0, lambda));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: readonly number[], lost = 0): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - lost);
}
