import type { Estimate } from '../core/rate.ts';
import { studentQuantile } from './quantile.ts';
import { requireFinite, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE, wilson } from './wilson.ts';

/** One member of a sample that was drawn with unequal chances. */
export interface WeightedItem {
  readonly family: string;
  /** 1 / probability of being drawn, or proportional to it; above 0. */
  readonly weight: number;
  readonly success: boolean;
}

/** A share in 0–1 with the size of the simple random sample that would tell as much. */
export type WeightedShare = Estimate & { readonly effective?: number };

/**
 * A share weighted back to the population it was drawn from: Σ weight·success / Σ weight. Its variance
 * is linearised by family; the interval is Wilson's with n_eff = p(1 − p)/variance and Student's t for
 * few families. Where the sample shows no spread, Kish's size over families, (Σw)²/Σ(family's w)².
 *
 * @returns undefined without items.
 * @throws RangeError for a weight that is not positive.
 * @see Kish (1965), Survey Sampling; Korn and Graubard (1998), Survey Methodology 24, 193–201.
 */
export function weightedShare(
  items: readonly WeightedItem[],
  {
    confidence = DEFAULT_CONFIDENCE,
    emptyReason = 'nothing was labelled',
  }: { readonly confidence?: number; readonly emptyReason?: string } = {},
): WeightedShare {
  if (items.length === 0) return undefinedBecause(emptyReason);
  requireFinite(
    items.map(({ weight }) => weight),
    'weights',
  );
  if (items.some(({ weight }) => weight <= 0)) throw new RangeError('weights must be positive');
  const all = items.reduce((sum, { weight }) => sum + weight, 0);
  const value = items.reduce((sum, { weight, success }) => sum + (success ? weight : 0), 0) / all;
  const families = new Map<string, { weight: number; residual: number }>();
  for (const { family, weight, success } of items) {
    const known = families.get(family) ?? { weight: 0, residual: 0 };
    known.weight += weight;
    known.residual += weight * ((success ? 1 : 0) - value);
    families.set(family, known);
  }
  const count = families.size;
  let squares = 0;
  let kish = 0;
  for (const { weight, residual } of families.values()) {
    squares += (residual / all) ** 2;
    kish += (weight / all) ** 2;
  }
  const variance = count > 1 ? (count / (count - 1)) * squares : 0;
  const spread = value * (1 - value);
  const estimated = variance > 1e-15 && spread > 1e-15;
  // More than one trial each is never told by one item.
  let effective = Math.min(items.length, estimated ? spread / variance : 1 / kish);
  if (estimated) {
    const upper = (1 + confidence) / 2;
    effective /= Math.max(
      1,
      (studentQuantile(upper, count - 1) / studentQuantile(upper, 1e6)) ** 2,
    );
  }
  const { low, high } = wilson(Math.min(effective, value * effective), effective, { confidence });
  return {
    value,
    ciLow: Math.min(low, value),
    ciHigh: Math.max(high, value),
    method: `wilson (weighted, n_eff; ${count} families)`,
    effective,
  };
}
