import { addFamilies, type FamilySums, NO_FAMILIES } from './family-sums.ts';
import { addPair, NO_PAIRS, type PairSums } from './pair-sums.ts';
import { requireCounts } from './requirements.ts';

/**
 * What every family counted, in columns such as trials and successes. Families alike are held once
 * with their number, and the order is that of the counts: neither memory nor any result depends on
 * how many families there are or on the order in which they came.
 */
export interface FamilyTable {
  readonly columns: number;
  readonly families: number;
  /** Row-major: different families' counts, `columns` numbers each, in ascending order. */
  readonly rows: Float64Array;
  /** How many families have the counts of each row. */
  readonly times: Uint32Array;
  /** Sum of each column over all families. */
  readonly totals: Float64Array;
}

export interface FamilyTableBuilder {
  /**
   * Adds one family (or several alike). One that counted nothing at all is left out.
   *
   * @throws RangeError unless there is one whole number from 0 for each column.
   */
  add(counts: readonly number[], times?: number): void;
  table(): FamilyTable;
}

export function createFamilyTable(columns: number): FamilyTableBuilder {
  const known = new Map<string, { readonly counts: readonly number[]; times: number }>();
  return {
    add(counts, times = 1) {
      if (counts.length !== columns) throw new RangeError(`a family has ${columns} counts`);
      requireCounts(counts, "a family's counts");
      requireCounts([times], 'the number of families');
      if (times === 0 || counts.every((count) => count === 0)) return;
      const key = counts.join(' ');
      const row = known.get(key);
      if (row === undefined) known.set(key, { counts: [...counts], times });
      else row.times += times;
    },
    table() {
      const sorted = [...known.values()].toSorted((a, b) => compareCounts(a.counts, b.counts));
      const rows = new Float64Array(sorted.length * columns);
      const times = new Uint32Array(sorted.length);
      const totals = new Float64Array(columns);
      let families = 0;
      sorted.forEach((row, at) => {
        rows.set(row.counts, at * columns);
        times[at] = row.times;
        families += row.times;
        row.counts.forEach((count, column) => {
          totals[column] = (totals[column] ?? 0) + count * row.times;
        });
      });
      return { columns, families, rows, times, totals };
    },
  };
}

/** Visits every different row with the number of its families. */
export function forEachRow(
  table: FamilyTable,
  visit: (counts: Float64Array, times: number) => void,
): void {
  table.times.forEach((times, at) => {
    visit(table.rows.subarray(at * table.columns, (at + 1) * table.columns), times);
  });
}

/** Sums of one share: which column counts its trials and which its successes. */
export function sumsOf(table: FamilyTable, trials = 0, successes = 1): FamilySums {
  let sums = NO_FAMILIES;
  forEachRow(table, (counts, times) => {
    const m = counts[trials] ?? 0;
    const y = counts[successes] ?? 0;
    if (y > m) throw new RangeError('a family has more successes than trials');
    sums = addFamilies(sums, m, y, times);
  });
  return sums;
}

/** Sums of two shares side by side, each with its column of trials and of successes. */
export function pairSumsOf(
  table: FamilyTable,
  [m1, y1, m2, y2]: readonly [number, number, number, number] = [0, 1, 2, 3],
): PairSums {
  let sums = NO_PAIRS;
  forEachRow(table, (counts, times) => {
    const at = (column: number): number => counts[column] ?? 0;
    const one = addPair(NO_PAIRS, [at(m1), at(y1)], [at(m2), at(y2)]);
    sums = addTimes(sums, one, times);
  });
  return sums;
}

function addTimes(sums: PairSums, one: PairSums, times: number): PairSums {
  return {
    families: sums.families + one.families * times,
    trials: [sums.trials[0] + one.trials[0] * times, sums.trials[1] + one.trials[1] * times],
    successes: [
      sums.successes[0] + one.successes[0] * times,
      sums.successes[1] + one.successes[1] * times,
    ],
    m1m1: sums.m1m1 + one.m1m1 * times,
    m1y1: sums.m1y1 + one.m1y1 * times,
    y1y1: sums.y1y1 + one.y1y1 * times,
    m2m2: sums.m2m2 + one.m2m2 * times,
    m2y2: sums.m2y2 + one.m2y2 * times,
    y2y2: sums.y2y2 + one.y2y2 * times,
    m1m2: sums.m1m2 + one.m1m2 * times,
    m1y2: sums.m1y2 + one.m1y2 * times,
    y1m2: sums.y1m2 + one.y1m2 * times,
    y1y2: sums.y1y2 + one.y1y2 * times,
  };
}

function compareCounts(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
