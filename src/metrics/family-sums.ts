import { studentQuantile } from './quantile.ts';
import { DEFAULT_CONFIDENCE, type Interval, wilson } from './wilson.ts';

/**
 * What families add up to for one share: enough to estimate how much their trials depend on each
 * other. All are whole numbers, so that the order of families cannot change a bit of any result.
 */
export interface FamilySums {
  /** Families that hold at least one trial. */
  readonly families: number;
  readonly trials: number;
  readonly successes: number;
  /** Σ trials², Σ successes² and Σ trials·successes over families. */
  readonly trialsSquared: number;
  readonly successesSquared: number;
  readonly crossed: number;
}

export const NO_FAMILIES: FamilySums = {
  families: 0,
  trials: 0,
  successes: 0,
  trialsSquared: 0,
  successesSquared: 0,
  crossed: 0,
};

/** Adds one family; a family without trials changes nothing. */
export function addFamily(sums: FamilySums, trials: number, successes: number): FamilySums {
  return addFamilies(sums, trials, successes, 1);
}

/** Adds several families that counted the same. */
export function addFamilies(
  sums: FamilySums,
  trials: number,
  successes: number,
  times: number,
): FamilySums {
  if (trials === 0) return sums;
  return {
    families: sums.families + times,
    trials: sums.trials + times * trials,
    successes: sums.successes + times * successes,
    trialsSquared: sums.trialsSquared + times * trials * trials,
    successesSquared: sums.successesSquared + times * successes * successes,
    crossed: sums.crossed + times * trials * successes,
  };
}

/** How much the dependence inside families shrinks the sample. */
export interface DesignEffect {
  /** At least 1: the variance, divided by the variance of as many independent trials. */
  readonly factor: number;
  /**
   * `independent`: one trial a family. `estimated`: from the spread between families. `assumed`:
   * the spread tells nothing, so every family is counted as if its trials were one.
   */
  readonly basis: 'independent' | 'estimated' | 'assumed';
}

/** Below any of these the cluster bootstrap is not to be trusted. */
export const BOOTSTRAP_NEEDS = { events: 10, nonEvents: 10, families: 30 } as const;

/** Whether the counts carry a cluster bootstrap. */
export function carriesBootstrap(sums: FamilySums): boolean {
  return (
    sums.successes >= BOOTSTRAP_NEEDS.events &&
    sums.trials - sums.successes >= BOOTSTRAP_NEEDS.nonEvents &&
    sums.families >= BOOTSTRAP_NEEDS.families
  );
}

/**
 * Kish's design effect from the linearised variance of a ratio under cluster sampling,
 * G/(G−1) · Σ(yᵢ − p·mᵢ)² / M², over p(1−p)/M, with a floor of 1.
 *
 * It cannot be estimated where there is no event or no non-event (the spread is 0 whatever the
 * dependence), or from a single family. There the trials of a family are taken to be alike, which
 * gives Σm²/Σm: too wide rather than too narrow.
 */
export function designEffect(sums: FamilySums): DesignEffect {
  const { families, trials, successes } = sums;
  if (families === trials) return { factor: 1, basis: 'independent' };
  if (families < 2 || successes === 0 || successes === trials) {
    return { factor: sums.trialsSquared / trials, basis: 'assumed' };
  }
  const share = successes / trials;
  const residuals =
    sums.successesSquared - 2 * share * sums.crossed + share * share * sums.trialsSquared;
  const variance = ((families / (families - 1)) * residuals) / (trials * trials);
  const independent = (share * (1 - share)) / trials;
  return { factor: Math.max(1, variance / independent), basis: 'estimated' };
}

/**
 * Wilson's interval with n_eff = n / design effect. An estimated design effect is itself uncertain
 * where families are few, so n_eff then also carries Korn and Graubard's factor
 * (t with n−1 / t with families−1 degrees of freedom)², which is 1 where each family holds one trial.
 *
 * @throws RangeError without trials.
 * @see Korn and Graubard (1998), Survey Methodology 24, 193–201.
 */
export function clusteredWilson(
  sums: FamilySums,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Interval & { readonly design: DesignEffect } {
  const design = designEffect(sums);
  let effective = sums.trials / design.factor;
  if (design.basis === 'estimated') {
    const upper = (1 + confidence) / 2;
    const widening =
      studentQuantile(upper, sums.families - 1) / studentQuantile(upper, sums.trials - 1);
    effective /= Math.max(1, widening * widening);
  }
  const successes = (sums.successes / sums.trials) * effective;
  const all = sums.successes === sums.trials;
  return { ...wilson(all ? effective : successes, effective, { confidence }), design };
}
