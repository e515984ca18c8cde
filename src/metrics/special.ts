import { createRequire } from 'node:module';

// The CommonJS build compiles its WebAssembly at once; the ES module would need a top-level await.
const cephes: typeof import('cephes', { with: { 'resolution-mode': 'require' }}) = createRequire(
  import.meta.url,
)('cephes');

/** Distribution function of Beta(a, b) at x in 0–1, a, b > 0: the regularised incomplete beta. */
export function betaCdf(x: number, a: number, b: number): number {
  requirePositive(a, b);
  if (!(x >= 0 && x <= 1)) throw new RangeError('x must lie in 0–1');
  return cephes.incbet(a, b, x);
}

/**
 * Quantile of Beta(a, b) at a probability in 0–1. Two Newton steps bring Cephes' own inverse to the
 * accuracy of its distribution function: relative 1e-12 for thousands of trials, 1e-8 for a million.
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  requirePositive(a, b);
  if (!(probability >= 0 && probability <= 1)) throw new RangeError('needs a probability in 0–1');
  if (probability === 0 || probability === 1) return probability;
  let x = cephes.incbi(a, b, probability);
  const logScale = logBeta(a, b);
  for (let step = 0; step < 2; step += 1) {
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - logScale);
    const next = x - (cephes.incbet(a, b, x) - probability) / density;
    if (!(next > 0 && next < 1)) break;
    x = next;
  }
  return x;
}

/** ln Γ(x), x > 0. */
export function logGamma(x: number): number {
  requirePositive(x);
  return cephes.lgam(x);
}

/** ln B(a, b), a, b > 0. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** Distribution function of the standard normal. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) throw new RangeError('z must be a number');
  return cephes.ndtr(z);
}

/** P(X ≤ k) of Binomial(trials, probability); 0 below 0 and 1 from `trials` on. */
export function binomialCdf(k: number, trials: number, probability: number): number {
  if (k < 0) return 0;
  if (k >= trials) return 1;
  return betaCdf(1 - probability, trials - k, k + 1);
}

/** P(X = k) of Binomial(trials, probability). */
export function binomialPmf(k: number, trials: number, probability: number): number {
  if (k < 0 || k > trials) return 0;
  if (probability === 0) return k === 0 ? 1 : 0;
  if (probability === 1) return k === trials ? 1 : 0;
  return Math.exp(
    -Math.log(trials + 1) -
      logBeta(k + 1, trials - k + 1) +
      k * Math.log(probability) +
      (trials - k) * Math.log1p(-probability),
  );
}

/** Two-sided p-value of Student's t, `degrees` ≥ 1 and not necessarily whole. */
export function studentTwoSidedP(t: number, degrees: number): number {
  if (Number.isNaN(t)) throw new RangeError('t must be a number');
  if (!Number.isFinite(t)) return 0;
  return betaCdf(degrees / (degrees + t * t), degrees / 2, 0.5);
}

function requirePositive(...values: readonly number[]): void {
  if (!values.every((value) => value > 0 && Number.isFinite(value))) {
    throw new RangeError('parameters must be positive and finite');
  }
}
