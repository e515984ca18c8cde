import type { UndefinedRate } from '../core/rate.ts';
import { requireFinite, undefinedBecause } from './requirements.ts';

/** One thing that was labelled: a code for each labeller, null where one gave none. */
export type RatedUnit = readonly (number | null)[];

export interface Agreement {
  /** 1 full agreement, 0 as by chance, below 0 worse. */
  readonly value: number;
  /** Units with at least two labels; the others say nothing about agreement. */
  readonly units: number;
  readonly labels: number;
}

/**
 * Krippendorff's α over any number of labellers with gaps. `nominal`: codes are alike or not;
 * `ordinal`: codes are ordered by their number, and far ones differ more.
 *
 * @returns undefined without two labels on any unit, or where all labels are one: then chance alone
 * would agree fully, and α is 0/0.
 * @throws RangeError for a code that is not finite.
 * @see Krippendorff (2004), Content Analysis, chapter 11; Hayes and Krippendorff (2007).
 */
export function krippendorffAlpha(
  units: readonly RatedUnit[],
  { level }: { readonly level: 'nominal' | 'ordinal' },
): Agreement | UndefinedRate {
  const rated = units
    .map((unit) => unit.filter((code) => code !== null))
    .filter((codes) => codes.length >= 2);
  requireFinite(rated.flat(), 'codes');
  if (rated.length === 0) return undefinedBecause('no unit has two labels');
  const codes = [...new Set(rated.flat())].toSorted((a, b) => a - b);
  const indexOf = new Map(codes.map((code, index) => [code, index]));
  const size = codes.length;
  const coincidences = new Float64Array(size * size);
  for (const unit of rated) {
    const counts = new Map<number, number>();
    for (const code of unit) counts.set(code, (counts.get(code) ?? 0) + 1);
    for (const [one, times] of counts) {
      for (const [other, otherTimes] of counts) {
        const pairs = times * (one === other ? times - 1 : otherTimes);
        const at = (indexOf.get(one) ?? 0) * size + (indexOf.get(other) ?? 0);
        coincidences[at] = (coincidences[at] ?? 0) + pairs / (unit.length - 1);
      }
    }
  }
  const totals = codes.map((_, row) =>
    coincidences.subarray(row * size, (row + 1) * size).reduce((sum, value) => sum + value, 0),
  );
  const labels = totals.reduce((sum, total) => sum + total, 0);
  let observed = 0;
  let expected = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const distance = level === 'nominal' ? Number(row !== column) : ordinal(totals, row, column);
      observed += (coincidences[row * size + column] ?? 0) * distance;
      expected += (totals[row] ?? 0) * (totals[column] ?? 0) * distance;
    }
  }
  if (expected === 0) return undefinedBecause('all labels are the same');
  return { value: 1 - ((labels - 1) * observed) / expected, units: rated.length, labels };
}

/** (labels from one code to the other, half of both ends)². */
function ordinal(totals: readonly number[], row: number, column: number): number {
  const [low, high] = row < column ? [row, column] : [column, row];
  const between = totals.slice(low, high + 1).reduce((sum, total) => sum + total, 0);
  return (between - ((totals[low] ?? 0) + (totals[high] ?? 0)) / 2) ** 2;
}
