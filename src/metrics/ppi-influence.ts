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

/** One part of an estimate. */
export interface Influences {
  readonly value: number;
  readonly byFamily: ReadonlyMap<string, number>;
}

/**
 * The estimate is linear in λ: labels alone, plus λ times (mean of all predictions − mean of
 * labelled ones). Each part's value and the contribution of each family to its error.
 */
export function influencesOf(
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

/** The λ in 0–1 that makes the variance of `fixed + λ·moving` least; 0 where nothing moves. */
export function bestLambda(
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

/** Trials of a stratum. */
export function sizeOf({ labelled, unlabelled }: PpiStratum): number {
  return labelled.length + unlabelled.length;
}
