import type { FamilySums } from './family-sums.ts';

/**
 * The standard error of a share whose trials come in families, as a share: the linearised variance
 * of a ratio, G/(G−1) · Σ(yᵢ − p·mᵢ)² / M² (the CR1 sandwich of a regression on a constant).
 * 0 where no family differs from the others; undefined for fewer than two families.
 *
 * @see Miller (2024), Adding Error Bars to Evals, arXiv 2411.00640.
 */
export function clusteredStandardError(sums: FamilySums): number | undefined {
  const { families, trials, successes } = sums;
  if (families < 2) return undefined;
  const share = successes / trials;
  const residuals =
    sums.successesSquared - 2 * share * sums.crossed + share * share * sums.trialsSquared;
  // Rounding may leave −1e-16 where the spread is 0.
  return Math.sqrt((families / (families - 1)) * Math.max(0, residuals)) / trials;
}
