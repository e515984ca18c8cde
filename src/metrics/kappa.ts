import type { UndefinedRate } from '../core/rate.ts';
import type { Agreement, RatedUnit } from './krippendorff.ts';
import { requireFinite, requireSameLength, undefinedBecause } from './requirements.ts';

/**
 * Cohen's κ of two labellers over the same units: agreement beyond what their own label shares would
 * give by chance. `linear` and `quadratic` forgive near misses of ordered codes, by rank.
 *
 * @returns undefined without units, or where chance would agree fully.
 * @throws RangeError for lists of different length, or a code that is not finite.
 * @see Cohen (1960), Educational and Psychological Measurement 20, 37–46; Cohen (1968) for weights.
 */
export function cohenKappa(
  first: readonly number[],
  second: readonly number[],
  { weights = 'none' }: { readonly weights?: 'none' | 'linear' | 'quadratic' } = {},
): Agreement | UndefinedRate {
  requireSameLength(first, second, "two labellers' codes");
  requireFinite([...first, ...second], 'codes');
  if (first.length === 0) return undefinedBecause('no unit has two labels');
  const codes = [...new Set([...first, ...second])].toSorted((a, b) => a - b);
  const rank = new Map(codes.map((code, index) => [code, index]));
  const ranks = (list: readonly number[]): number[] => list.map((code) => rank.get(code) ?? 0);
  const [a, b] = [ranks(first), ranks(second)];
  const cost = (one: number, other: number): number => {
    const apart = Math.abs(one - other);
    return weights === 'none' ? Number(apart > 0) : weights === 'linear' ? apart : apart ** 2;
  };
  const observed = a.reduce((sum, one, at) => sum + cost(one, b[at] ?? 0), 0);
  const sharesA = countRanks(a, codes.length);
  const sharesB = countRanks(b, codes.length);
  let expected = 0;
  sharesA.forEach((countA, one) => {
    sharesB.forEach((countB, other) => {
      expected += (countA * countB * cost(one, other)) / first.length;
    });
  });
  if (expected === 0) return undefinedBecause('all labels are the same');
  return { value: 1 - observed / expected, units: first.length, labels: 2 * first.length };
}

/**
 * Gwet's AC1 over any number of labellers with gaps. Stays meaningful where almost everything has
 * one label, where κ and α fall towards 0 although people agree.
 *
 * @param categories how many codes could have been given; by default those that were.
 * @returns undefined without two labels on any unit, or with a single possible code.
 * @throws RangeError for a code that is not finite.
 * @see Gwet (2008), British Journal of Mathematical and Statistical Psychology 61, 29–48.
 */
export function gwetAc1(
  units: readonly RatedUnit[],
  { categories }: { readonly categories?: number } = {},
): Agreement | UndefinedRate {
  const rated = units
    .map((unit) => unit.filter((code) => code !== null))
    .filter((codes) => codes.length > 0);
  requireFinite(rated.flat(), 'codes');
  const paired = rated.filter((codes) => codes.length >= 2);
  if (paired.length === 0) return undefinedBecause('no unit has two labels');
  const seen = new Map<number, number>();
  let observed = 0;
  for (const codes of rated) {
    const counts = new Map<number, number>();
    for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
    for (const [code, count] of counts) {
      seen.set(code, (seen.get(code) ?? 0) + count / codes.length / rated.length);
      if (codes.length >= 2) {
        observed += (count * (count - 1)) / (codes.length * (codes.length - 1)) / paired.length;
      }
    }
  }
  const possible = Math.max(seen.size, categories ?? 0);
  if (possible < 2) return undefinedBecause('only one code is possible');
  const chance =
    [...seen.values()].reduce((sum, share) => sum + share * (1 - share), 0) / (possible - 1);
  return {
    value: (observed - chance) / (1 - chance),
    units: paired.length,
    labels: paired.reduce((sum, codes) => sum + codes.length, 0),
  };
}

function countRanks(ranks: readonly number[], size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const rank of ranks) counts[rank] = (counts[rank] ?? 0) + 1;
  return counts;
}
