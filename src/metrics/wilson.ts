import { normalQuantile } from './quantile.ts';

/** Limits of a share, in 0–1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export const DEFAULT_CONFIDENCE = 0.95;

/**
 * Wilson's score interval for `successes` of `trials`, two-sided, without continuity correction.
 * Either may be fractional, so that an effective sample size can be given. No success gives a lower
 * limit of exactly 0, no failure an upper limit of exactly 1, and the observed share always lies
 * inside.
 *
 * @throws RangeError without trials: a share of nothing has no interval.
 * @see Wilson, E. B. (1927), JASA 22, 209–212.
 */
export function wilson(
  successes: number,
  trials: number,
  { confidence = DEFAULT_CONFIDENCE }: { readonly confidence?: number } = {},
): Interval {
  if (!(trials > 0) || !(successes >= 0 && successes <= trials)) {
    throw new RangeError('needs trials, and between none and all of them as successes');
  }
  const z = normalQuantile((1 + confidence) / 2);
  const share = successes / trials;
  const z2 = z * z;
  const scale = 1 + z2 / trials;
  const centre = (share + z2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  return {
    low: successes === 0 ? 0 : Math.max(0, Math.min(share, centre - half)),
    high: successes === trials ? 1 : Math.min(1, Math.max(share, centre + half)),
  };
}
