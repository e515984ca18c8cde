import { requireOpenShare, requireShares } from './requirements.ts';
import { logBeta } from './special.ts';
import { DEFAULT_CONFIDENCE, type Interval } from './wilson.ts';

/** Said wherever one of these intervals is reported. */
export const CONFIDENCE_SEQUENCE_METHOD = 'beta-binomial mixture confidence sequence';

export interface SequenceState extends Interval {
  readonly method: typeof CONFIDENCE_SEQUENCE_METHOD;
  readonly observed: number;
  /** Mean so far, null before the first. */
  readonly mean: number | null;
}

/** An interval that may be looked at after every family, and stopped on at any time. */
export interface ConfidenceSequence {
  /**
   * Adds the next family in the seeded random order: the share of its trials that count, 0–1.
   *
   * @throws RangeError outside 0–1.
   */
  add(share: number): SequenceState;
  readonly state: SequenceState;
}

/**
 * The mean over families of a share in 0–1, with an interval that covers it at all times at once with
 * the confidence given, however one stops. A mixture of likelihood ratios over a Beta(½, ½) prior,
 * B(½+S, ½+n−S) / B(½, ½) / p^S(1−p)^(n−S), exceeds 1/(1 − confidence) for the true p at any time
 * with a chance of at most 1 − confidence (Ville); it is exact for single outcomes and, since shares
 * spread less than single outcomes of the same mean, valid for shares. Limits never widen again: the
 * intersection of all so far holds as well.
 *
 * Families count alike, whatever their size, and stand for the population they were drawn from.
 *
 * @see Robbins (1970), Annals of Mathematical Statistics 41, 1397–1409; Howard et al. (2021), Annals
 * of Statistics 49, 1055–1080, section on sub-Bernoulli mixtures; Ville (1939).
 */
export function createConfidenceSequence({
  confidence = DEFAULT_CONFIDENCE,
}: {
  readonly confidence?: number;
} = {}): ConfidenceSequence {
  requireOpenShare(confidence, 'the confidence');
  let observed = 0;
  let sum = 0;
  let limits: Interval = { low: 0, high: 1 };
  const state = (): SequenceState => ({
    ...limits,
    method: CONFIDENCE_SEQUENCE_METHOD,
    observed,
    mean: observed === 0 ? null : sum / observed,
  });
  return {
    add(share) {
      requireShares([share], 'a share');
      observed += 1;
      sum += share;
      const now = mixtureInterval(Math.min(sum, observed), observed, { confidence });
      const low = Math.max(limits.low, now.low);
      const high = Math.min(limits.high, now.high);
      // An empty intersection has a chance of at most 1 − confidence; the older limits then stay.
      if (low <= high) limits = { low, high };
      return state();
    },
    get state() {
      return state();
    },
  };
}

/**
 * The limits at one moment, from the sum of shares and their number.
 *
 * @throws RangeError without observations.
 */
export function mixtureInterval(
  sum: number,
  observed: number,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Interval {
  if (!(observed > 0) || !(sum >= 0 && sum <= observed)) {
    throw new RangeError('needs observations, and a sum between none and all of them');
  }
  const evidence =
    logBeta(0.5 + sum, 0.5 + observed - sum) - logBeta(0.5, 0.5) + Math.log(1 - confidence);
  // Rejected where the evidence against p reaches 1 / (1 − confidence); smallest at the mean.
  const rejected = (p: number): boolean => evidence >= xLogY(sum, p) + xLogY(observed - sum, 1 - p);
  const mean = sum / observed;
  return {
    low: sum === 0 ? 0 : boundary(mean, 0, rejected),
    high: sum === observed ? 1 : boundary(mean, 1, rejected),
  };
}

/** Bisects between the mean, which is kept, and an end, which is rejected. */
function boundary(mean: number, end: number, rejected: (p: number) => boolean): number {
  let kept = mean;
  let out = end;
  for (let step = 0; step < 100 && Math.abs(out - kept) > 1e-15; step += 1) {
    const middle = (kept + out) / 2;
    if (rejected(middle)) out = middle;
    else kept = middle;
  }
  // Outwards, so that rounding cannot leave out what belongs in.
  return out;
}

function xLogY(x: number, y: number): number {
  return x === 0 ? 0 : x * Math.log(y);
}
