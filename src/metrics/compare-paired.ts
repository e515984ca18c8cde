import type { Estimate, UndefinedRate } from '../core/rate.ts';
import { type BootstrapOptions, clusterBootstrap } from './bootstrap.ts';
import { intervalWarnings } from './choose-interval.ts';
import { familyRate } from './family-rate.ts';
import { carriesBootstrap } from './family-sums.ts';
import { type FamilyTable, forEachRow, pairSumsOf, sumsOf } from './family-table.ts';
import { exactMcNemar } from './mcnemar.ts';
import { tilt } from './mover.ts';
import { correlationOf } from './pair-sums.ts';
import { undefinedBecause } from './requirements.ts';
import { studentTwoSidedP } from './special.ts';

/** Two systems over the same families, first minus second. */
export interface PairedComparison {
  /** −1 to 1. */
  readonly difference: Estimate;
  /** Two-sided, of no difference. */
  readonly pValue: number;
  readonly test: 'exact mcnemar' | 'clustered t' | 'exact sign test over families';
  /** Of the two exact tests: less conservative, may exceed its level a little. */
  readonly midPValue?: number;
  /** Families in which the first had the larger share, and in which the second had. */
  readonly firstLarger: number;
  readonly secondLarger: number;
  readonly families: number;
  readonly warnings: readonly string[];
}

/**
 * Compares two systems over matched families. The columns hold trials and successes of the first,
 * then of the second; families without trials of both say nothing and are left out. Seeds do not
 * pair across models, so a family's answers are compared as shares.
 *
 * With one outcome each, McNemar's exact test; else a t test on the linearised difference by family,
 * and where the counts do not carry that, an exact sign test over families. The interval is the
 * paired cluster bootstrap's (BCa) where both systems' counts carry it, else MOVER's.
 *
 * @returns undefined without a matched family.
 */
export function comparePaired(
  table: FamilyTable,
  options: BootstrapOptions & { readonly columns?: readonly [number, number, number, number] },
): PairedComparison | UndefinedRate {
  const columns = options.columns ?? ([0, 1, 2, 3] as const);
  const matched = matchedOnly(table, columns);
  if (matched.families === 0) return undefinedBecause('no family holds trials of both');
  const [firstLarger, secondLarger] = countLarger(matched);
  const [first, second] = [sumsOf(matched, 0, 1), sumsOf(matched, 2, 3)];
  const warnings = [...new Set([...intervalWarnings(first), ...intervalWarnings(second)])];
  const counts = { firstLarger, secondLarger, families: matched.families, warnings };
  const single = isSingle(matched);
  const carried = carriesBootstrap(first) && carriesBootstrap(second);
  const difference = differenceOf(matched, options, carried && firstLarger + secondLarger >= 10);
  if (single || !carried) {
    const { pValue, midPValue } = exactMcNemar(firstLarger, secondLarger);
    const test = single ? 'exact mcnemar' : 'exact sign test over families';
    return { difference, pValue, midPValue, test, ...counts };
  }
  return { difference, pValue: clusteredP(matched), test: 'clustered t', ...counts };
}

function differenceOf(table: FamilyTable, options: BootstrapOptions, carried: boolean): Estimate {
  if (carried) {
    const [estimate] = clusterBootstrap(table, [difference], options);
    if (estimate?.bca !== undefined) {
      return {
        value: estimate.value,
        ciLow: Math.min(estimate.value, estimate.bca.low),
        ciHigh: Math.max(estimate.value, estimate.bca.high),
        method: `paired cluster bootstrap (bca); ${table.families} families`,
      };
    }
  }
  const { confidence } = options;
  const asked = confidence === undefined ? {} : { confidence };
  return tilt({
    first: familyRate(sumsOf(table, 0, 1), asked),
    second: familyRate(sumsOf(table, 2, 3), asked),
    correlation: correlationOf(pairSumsOf(table)),
    basis: `${table.families} families`,
  });
}

function difference(totals: Float64Array): number {
  const [m1 = 0, y1 = 0, m2 = 0, y2 = 0] = totals;
  return y1 / m1 - y2 / m2;
}

/** Student's t on the linearised difference, with families − 1 degrees of freedom. */
function clusteredP(table: FamilyTable): number {
  const [m1 = 0, y1 = 0, m2 = 0, y2 = 0] = table.totals;
  const p = y1 / m1;
  const q = y2 / m2;
  if (p === q) return 1;
  let squares = 0;
  forEachRow(table, ([a = 0, b = 0, c = 0, d = 0], times) => {
    squares += times * ((b - p * a) / m1 - (d - q * c) / m2) ** 2;
  });
  const error = Math.sqrt((table.families / (table.families - 1)) * squares);
  return studentTwoSidedP((p - q) / error, table.families - 1);
}

function countLarger(table: FamilyTable): [number, number] {
  let first = 0;
  let second = 0;
  forEachRow(table, ([m1 = 0, y1 = 0, m2 = 0, y2 = 0], times) => {
    // Cross-multiplied, so that equal shares are equal whole numbers.
    if (y1 * m2 > y2 * m1) first += times;
    else if (y1 * m2 < y2 * m1) second += times;
  });
  return [first, second];
}

function isSingle(table: FamilyTable): boolean {
  let single = true;
  forEachRow(table, ([m1, , m2]) => {
    if (m1 !== 1 || m2 !== 1) single = false;
  });
  return single;
}

/** The four columns alone, of families with trials of both systems. */
function matchedOnly(table: FamilyTable, columns: readonly number[]): FamilyTable {
  const rows: number[] = [];
  const times: number[] = [];
  const totals = new Float64Array(columns.length);
  forEachRow(table, (counts, families) => {
    const row = columns.map((column) => counts[column] ?? 0);
    if (row[0] === 0 || row[2] === 0) return;
    rows.push(...row);
    times.push(families);
    row.forEach((count, at) => {
      totals[at] = (totals[at] ?? 0) + count * families;
    });
  });
  return {
    columns: columns.length,
    families: times.reduce((sum, families) => sum + families, 0),
    rows: Float64Array.from(rows),
    times: Uint32Array.from(times),
    totals,
  };
}
