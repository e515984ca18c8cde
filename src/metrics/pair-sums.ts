/** Sums over families of two shares' trials and successes; whole numbers, so order is no matter. */
export interface PairSums {
  readonly families: number;
  readonly trials: readonly [number, number];
  readonly successes: readonly [number, number];
  /** Σ over families of products, named by their factors: m trials, y successes. */
  readonly m1m1: number;
  readonly m1y1: number;
  readonly y1y1: number;
  readonly m2m2: number;
  readonly m2y2: number;
  readonly y2y2: number;
  readonly m1m2: number;
  readonly m1y2: number;
  readonly y1m2: number;
  readonly y1y2: number;
}

export const NO_PAIRS: PairSums = {
  families: 0,
  trials: [0, 0],
  successes: [0, 0],
  m1m1: 0,
  m1y1: 0,
  y1y1: 0,
  m2m2: 0,
  m2y2: 0,
  y2y2: 0,
  m1m2: 0,
  m1y2: 0,
  y1m2: 0,
  y1y2: 0,
};

/** Adds a family with `m` trials and `y` successes in each of the two shares. */
export function addPair(
  sums: PairSums,
  [m1, y1]: readonly [number, number],
  [m2, y2]: readonly [number, number],
): PairSums {
  return {
    families: sums.families + 1,
    trials: [sums.trials[0] + m1, sums.trials[1] + m2],
    successes: [sums.successes[0] + y1, sums.successes[1] + y2],
    m1m1: sums.m1m1 + m1 * m1,
    m1y1: sums.m1y1 + m1 * y1,
    y1y1: sums.y1y1 + y1 * y1,
    m2m2: sums.m2m2 + m2 * m2,
    m2y2: sums.m2y2 + m2 * y2,
    y2y2: sums.y2y2 + y2 * y2,
    m1m2: sums.m1m2 + m1 * m2,
    m1y2: sums.m1y2 + m1 * y2,
    y1m2: sums.y1m2 + y1 * m2,
    y1y2: sums.y1y2 + y1 * y2,
  };
}

/**
 * Correlation over families of the two shares' residuals y − p·m. 0 where one of them does not
 * vary: then nothing can be said, and the two are added as if independent.
 */
export function correlationOf(sums: PairSums): number {
  const p = sums.trials[0] === 0 ? 0 : sums.successes[0] / sums.trials[0];
  const q = sums.trials[1] === 0 ? 0 : sums.successes[1] / sums.trials[1];
  const first = sums.y1y1 - 2 * p * sums.m1y1 + p * p * sums.m1m1;
  const second = sums.y2y2 - 2 * q * sums.m2y2 + q * q * sums.m2m2;
  // Rounding leaves about 1e-16 of the sums where the true spread is 0.
  const floor = 1e-9;
  if (first <= floor * sums.m1m1 || second <= floor * sums.m2m2) return 0;
  const cross = sums.y1y2 - q * sums.y1m2 - p * sums.m1y2 + p * q * sums.m1m2;
  return Math.max(-1, Math.min(1, cross / Math.sqrt(first * second)));
}
