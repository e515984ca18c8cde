import { requireOpenShare } from './requirements.ts';
import { betaQuantile } from './special.ts';
import { DEFAULT_CONFIDENCE, type Interval } from './wilson.ts';

/**
 * The exact (Clopper–Pearson) interval of a share: never covers less often than it says, and for
 * small counts more often. Either count may be fractional, so that an effective sample size can be
 * given; then "exact" no longer holds to the letter. 0 of 24 gives at most 14.2 %.
 *
 * @throws RangeError without trials, or where successes are not between none and all.
 * @see Clopper and Pearson (1934), Biometrika 26, 404–413.
 */
export function clopperPearson(
  successes: number,
  trials: number,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Interval {
  requireOpenShare(confidence, 'the confidence');
  const tail = (1 - confidence) / 2;
  return {
    low: lowerLimit(successes, trials, tail),
    high: upperLimit(successes, trials, tail),
  };
}

/**
 * The one-sided upper limit: the largest share that leaves at least 1 − confidence to a result as
 * low as this. 0 of 2,995 is the first that rules out .001 at 95 %.
 *
 * @throws RangeError as {@link clopperPearson}.
 */
export function clopperPearsonUpper(
  successes: number,
  trials: number,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): number {
  requireOpenShare(confidence, 'the confidence');
  return upperLimit(successes, trials, 1 - confidence);
}

function lowerLimit(successes: number, trials: number, tail: number): number {
  requireTrials(successes, trials);
  return successes === 0 ? 0 : betaQuantile(tail, successes, trials - successes + 1);
}

function upperLimit(successes: number, trials: number, tail: number): number {
  requireTrials(successes, trials);
  return successes === trials ? 1 : betaQuantile(1 - tail, successes + 1, trials - successes);
}

function requireTrials(successes: number, trials: number): void {
  if (!(trials > 0 && Number.isFinite(trials)) || !(successes >= 0 && successes <= trials)) {
    throw new RangeError('needs trials, and between none and all of them as successes');
  }
}
