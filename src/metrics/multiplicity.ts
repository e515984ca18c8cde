import { requireShares } from './requirements.ts';

/**
 * Holm's step-down p-values, in the order given: rejecting those up to α keeps the chance of any
 * false rejection at α, however the tests depend on each other. For headline claims.
 *
 * @throws RangeError unless all lie in 0–1.
 * @see Holm (1979), Scandinavian Journal of Statistics 6, 65–70.
 */
export function holm(pValues: readonly number[]): number[] {
  requireShares(pValues, 'p-values');
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  ascending(pValues).forEach(({ value, index }, rank) => {
    largest = Math.max(largest, value * (pValues.length - rank));
    adjusted[index] = Math.min(1, largest);
  });
  return adjusted;
}

/**
 * Benjamini and Hochberg's step-up p-values, in the order given: rejecting those up to q keeps the
 * expected share of false ones among the rejections at q, for independent or positively dependent
 * tests. For tables by category.
 *
 * @throws RangeError unless all lie in 0–1.
 * @see Benjamini and Hochberg (1995), JRSS B 57, 289–300.
 */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  requireShares(pValues, 'p-values');
  const adjusted = new Array<number>(pValues.length).fill(1);
  let smallest = 1;
  const sorted = ascending(pValues);
  for (let rank = sorted.length; rank > 0; rank -= 1) {
    const at = sorted[rank - 1];
    if (at === undefined) continue;
    smallest = Math.min(smallest, (at.value * pValues.length) / rank);
    adjusted[at.index] = smallest;
  }
  return adjusted;
}

function ascending(values: readonly number[]): { value: number; index: number }[] {
  return values.map((value, index) => ({ value, index })).toSorted((a, b) => a.value - b.value);
}
