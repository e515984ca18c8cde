import type { UndefinedRate } from '../core/rate.ts';
import { studentQuantile } from './quantile.ts';
import { requireFinite, requireShares, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE, wilson } from './wilson.ts';

/** One answered trial. */
export interface PredictedTrial {
  readonly family: string;
  /** What the detector said, 0–1: a decision or a score. */
  readonly predicted: number;
}

export interface LabelledTrial extends PredictedTrial {
  /** What a person said, 0–1. */
  readonly truth: number;
}

/** Trials with like scores, of which a random sample was labelled. */
export interface PpiStratum {
  readonly name: string;
  readonly labelled: readonly LabelledTrial[];
  readonly unlabelled: readonly PredictedTrial[];
}

/** Trials of a family whose answer to the question is known to be no, such as refusals. */
export interface KnownZeros {
  readonly family: string;
  readonly trials: number;
}

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
  const answered = used.reduce((sum, part) => sum + sizeOf(part), 0);
  const all = answered + zeros.reduce((sum, { trials }) => sum + trials, 0);

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
    answered: answered / all,
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

interface Influences {
  readonly value: number;
  readonly byFamily: ReadonlyMap<string, number>;
}

/**
 * The estimate is linear in λ: labels alone, plus λ times (mean of all predictions − mean of
 * labelled ones). Each part's value and the contribution of each family to its error.
 */
function influencesOf(
  strata: readonly PpiStratum[],
  zeros: readonly KnownZeros[],
  all: number,
  part: 'truth' | 'predicted',
): Influences {
  const byFamily = new Map<string, number>();
  const add = (family: string, amount: number): void => {
    byFamily.set(family, (byFamily.get(family) ?? 0) + amount);
  };
  let value = 0;
  const means = strata.map((stratum) => {
    const { labelled, unlabelled } = stratum;
    const size = sizeOf(stratum);
    const weight = size / all;
    if (part === 'truth') {
      const mean = labelled.reduce((sum, { truth }) => sum + truth, 0) / labelled.length;
      for (const { family, truth } of labelled) {
        add(family, (weight * (truth - mean)) / labelled.length);
      }
      value += weight * mean;
      return mean;
    }
    const everyone = [...labelled, ...unlabelled];
    const mean = everyone.reduce((sum, { predicted }) => sum + predicted, 0) / size;
    const labelledMean =
      labelled.reduce((sum, { predicted }) => sum + predicted, 0) / labelled.length;
    for (const { family, predicted } of everyone) add(family, (weight * (predicted - mean)) / size);
    for (const { family, predicted } of labelled) {
      add(family, (-weight * (predicted - labelledMean)) / labelled.length);
    }
    value += weight * (mean - labelledMean);
    return 0;
  });
  if (part === 'predicted') return { value, byFamily };
  // The shares of strata and of refusals are chance too: each trial pulls towards its stratum's mean.
  strata.forEach(({ labelled, unlabelled }, at) => {
    const pull = ((means[at] ?? 0) - value) / all;
    for (const { family } of labelled) add(family, pull);
    for (const { family } of unlabelled) add(family, pull);
  });
  for (const { family, trials } of zeros) add(family, (-value * trials) / all);
  return { value, byFamily };
}

function bestLambda(
  fixed: ReadonlyMap<string, number>,
  moving: ReadonlyMap<string, number>,
): number {
  let cross = 0;
  let squares = 0;
  for (const [family, amount] of moving) {
    cross += (fixed.get(family) ?? 0) * amount;
    squares += amount * amount;
  }
  return squares > 0 ? Math.min(1, Math.max(0, -cross / squares)) : 0;
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
  /** Share of all trials that were answered. */
  readonly answered: number;
}

function intervalOf(
  value: number,
  variance: number,
  { confidence, labels, answered }: IntervalContext,
): { ciLow: number; ciHigh: number } {
  const spread = value * (1 - value);
  // Without any spread the labels are all that is known, as if nothing else had been looked at.
  const estimated = variance > 0 && spread > 0 ? spread / variance : Math.max(1, labels);
  const upper = (1 + confidence) / 2;
  const widening =
    labels > 1 ? studentQuantile(upper, labels - 1) / studentQuantile(upper, 1e6) : 1;
  const effective = estimated / Math.max(1, widening ** 2);
  const { low, high } = wilson(value * effective, effective, { confidence });
  return { ciLow: low, ciHigh: Math.min(high, Math.max(value, answered)) };
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

function sizeOf({ labelled, unlabelled }: PpiStratum): number {
  return labelled.length + unlabelled.length;
}
