import { logGamma } from './special.ts';

/** A random number in [0, 1). */
export type Uniform = () => number;

/**
 * Draws from a binomial distribution, exactly: by counting waiting times where few successes are
 * expected, else by Hörmann's transformed rejection (BTRS), whose cost does not grow with n.
 *
 * @param n a whole number from 0.
 * @param p in 0–1.
 * @see Hörmann (1993), Journal of Statistical Computation and Simulation 46, 101–110.
 */
export function drawBinomial(n: number, p: number, uniform: Uniform): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - drawBinomial(n, 1 - p, uniform);
  return n * p < 10 ? byWaiting(n, p, uniform) : byRejection(n, p, uniform);
}

/** Sums geometric gaps between successes until they pass n. */
function byWaiting(n: number, p: number, uniform: Uniform): number {
  const scale = Math.log1p(-p);
  let successes = 0;
  let at = 0;
  for (;;) {
    // 1 − u lies in (0, 1], so that its logarithm is finite.
    at += Math.floor(Math.log(1 - uniform()) / scale) + 1;
    if (at > n) return successes;
    successes += 1;
  }
}

function byRejection(n: number, p: number, uniform: Uniform): number {
  const deviation = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const inside = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * deviation;
  const odds = p / (1 - p);
  const mode = Math.floor((n + 1) * p);
  const atMode = logGamma(mode + 1) + logGamma(n - mode + 1);
  for (;;) {
    const u = uniform() - 0.5;
    const v = uniform();
    const distance = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / distance + b) * u + centre);
    if (k < 0 || k > n) continue;
    if (distance >= 0.07 && v <= inside) return k;
    const height = Math.log((v * alpha) / (a / (distance * distance) + b));
    const logDensity = (k - mode) * Math.log(odds) + atMode - logGamma(k + 1) - logGamma(n - k + 1);
    if (height <= logDensity) return k;
  }
}
