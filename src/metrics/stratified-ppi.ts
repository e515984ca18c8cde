import type { UndefinedRate } from '../core/rate.ts';
import { answeredShare } from './answered-share.ts';
import { clusteredWilson } from './family-sums.ts';
import {
  bestLambda,
  influencesOf,
  type KnownZeros,
  type PpiStratum,
  sizeOf,
} from './ppi-influence.ts';
import { studentQuantile } from './quantile.ts';
import { requireFinite, requireShares, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE, wilson } from './wilson.ts';

/** A corrected share in 0–1. */
export interface StratifiedEstimate {
  readonly value: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly standardError: number;
  readonly lambda: number;
  readonly method: string;
  readonly warnings: readonly string[];
}

/** Below so many labelled trials on which label and detector differ, the spread is a guess. */
const FEWEST_DISAGREEMENTS = 5;
const FEWEST_FAMILIES = 30;

/**
 * Prediction-powered mean over strata: Σ W_h (λ·mean_all(Ŷ) + mean_labelled(Y − λŶ)), W_h the
 * stratum's share of the answered trials, times the share of trials that were answered. The variance
 * adds up, family by family, what each trial contributes to the estimate (its influence), so that
 * trials of a family, a family in several strata and the chance in W_h all count. λ in 0–1 makes
 * that variance least. The interval is Wilson's with n_eff = θ(1 − θ)/variance, so that it stays
 * within 0–1, with Student's t where labelled families are few.
 *
 * @returns undefined where nothing is labelled, or a stratum holds trials but fewer than two labels
 * (merge it with a neighbour).
 * @throws RangeError for values outside 0–1.
 * @see Angelopoulos et al. (2023), arXiv 2311.01453; Fisch et al. (2024), arXiv 2406.04291
 * (stratified PPI); Särndal, Swensson and Wretman (1992), chapter 9 (two-phase sampling).
 */
export function stratifiedPpi(
  strata: readonly PpiStratum[],
  {
    knownZeros = [],
    confidence = DEFAULT_CONFIDENCE,
  }: { readonly knownZeros?: readonly KnownZeros[]; readonly confidence?: number } = {},
): StratifiedEstimate | UndefinedRate {
  const used = strata.filter(({ labelled, unlabelled }) => labelled.length + unlabelled.length > 0);
  for (const { name, labelled, unlabelled } of used) {
    requireShares(
      [...labelled, ...unlabelled].map(({ predicted }) => predicted),
      'predictions',
    );
    requireShares(
      labelled.map(({ truth }) => truth),
      'labels',
    );
    if (labelled.length < 2) {
      return undefinedBecause(`the stratum "${name}" holds fewer than two labels`);
    }
  }
  if (used.length === 0) return undefinedBecause('no answered trial');
  const zeros = knownZeros.filter(({ trials }) => trials > 0);
  requireFinite(
    zeros.map(({ trials }) => trials),
    'trials',
  );
  const answered = answeredShare(used, zeros);
  const all = answered.trials;

  const fixed = influencesOf(used, zeros, all, 'truth');
  const moving = influencesOf(used, zeros, all, 'predicted');
  const lambda = bestLambda(fixed.byFamily, moving.byFamily);
  const value = fixed.value + lambda * moving.value;
  const families = fixed.byFamily.size;
  let squares = 0;
  for (const [family, influence] of fixed.byFamily) {
    squares += (influence + lambda * (moving.byFamily.get(family) ?? 0)) ** 2;
  }
  const unseen = unseenVariance(used, all);
  const variance = (families > 1 ? (families / (families - 1)) * squares : 0) + unseen;
  const labelledFamilies = new Set(
    used.flatMap(({ labelled }) => labelled.map(({ family }) => family)),
  ).size;
  const clipped = Math.min(1, Math.max(0, value));
  const interval = intervalOf(clipped, variance, {
    confidence,
    labels: labelledFamilies,
    // Harm is at most what was answered, whose share is chance too.
    most: zeros.length === 0 ? 1 : clusteredWilson(answered, { confidence }).high,
  });
  return {
    value: clipped,
    ...interval,
    standardError: Math.sqrt(variance),
    lambda,
    method: `ppi++ (${used.length} strata, ${families} families)`,
    warnings: warningsOf(used, labelledFamilies, value),
  };
}

/**
 * A stratum whose labels are all alike shows no spread, whatever its rate: 0 of 20 may still be 5 %.
 * It counts with the variance of Jeffreys' posterior, Beta(½, n + ½), n its labelled families.
 */
function unseenVariance(strata: readonly PpiStratum[], all: number): number {
  return strata.filter(isUniform).reduce((sum, stratum) => {
    if (stratum.unlabelled.length === 0) return sum;
    const labels = new Set(stratum.labelled.map(({ family }) => family)).size;
    const posterior = (0.5 * (labels + 0.5)) / ((labels + 1) ** 2 * (labels + 2));
    return sum + (sizeOf(stratum) / all) ** 2 * posterior;
  }, 0);
}

function isUniform({ labelled }: PpiStratum): boolean {
  return labelled.every(({ truth }) => truth === labelled[0]?.truth);
}

interface IntervalContext {
  readonly confidence: number;
  readonly labels: number;
  /** Upper limit of the share of trials that were answered. */
  readonly most: number;
}

function intervalOf(
  value: number,
  variance: number,
  { confidence, labels, most }: IntervalContext,
): { ciLow: number; ciHigh: number } {
  const spread = value * (1 - value);
  // Without any spread the labels are all that is known, as if nothing else had been looked at.
  const estimated = variance > 0 && spread > 0 ? spread / variance : Math.max(1, labels);
  const upper = (1 + confidence) / 2;
  const widening =
    labels > 1 ? studentQuantile(upper, labels - 1) / studentQuantile(upper, 1e6) : 1;
  const effective = estimated / Math.max(1, widening ** 2);
  const { low, high } = wilson(value * effective, effective, { confidence });
  return { ciLow: low, ciHigh: Math.min(high, Math.max(value, most)) };
}

function warningsOf(
  strata: readonly PpiStratum[],
  labelledFamilies: number,
  value: number,
): string[] {
  const disagreements = strata
    .flatMap(({ labelled }) => labelled)
    .filter(({ truth, predicted }) => Math.abs(truth - predicted) >= 0.5).length;
  const uniform = strata.filter((stratum) => isUniform(stratum) && stratum.unlabelled.length > 0);
  return [
    ...uniform.map(
      ({ name }) => `All labels of the stratum "${name}" are alike: label more of it.`,
    ),
    ...(disagreements < FEWEST_DISAGREEMENTS
      ? [
          `Label and detector differ on ${disagreements} labelled trials only: the spread is a guess.`,
        ]
      : []),
    ...(labelledFamilies < FEWEST_FAMILIES
      ? [`Only ${labelledFamilies} families are labelled: the interval is rough.`]
      : []),
    ...(value < 0 || value > 1 ? ['The estimate lay outside 0–1 and was clipped.'] : []),
  ];
}
