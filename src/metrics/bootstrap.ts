import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { drawBinomial } from './binomial-draw.ts';
import { bcaInterval, type JackknifeValue, percentileInterval } from './bootstrap-interval.ts';
import type { FamilyTable } from './family-table.ts';
import { requireOpenShare } from './requirements.ts';
import { DEFAULT_CONFIDENCE, type Interval } from './wilson.ts';

/** A number made from the columns' sums; NaN where it is undefined, such as a share of nothing. */
export type Statistic = (totals: Float64Array) => number;

export interface BootstrapOptions {
  /** Equal seeds and tables give equal results. 32 bits. */
  readonly seed: number;
  /** Default 2,000. */
  readonly resamples?: number;
  /** Of the intervals, strictly between 0 and 1. Default .95. */
  readonly confidence?: number;
}

export interface BootstrapEstimate {
  /** Of the table itself. */
  readonly value: number;
  readonly percentile: Interval;
  /** Undefined where it collapses; see {@link bcaInterval}. */
  readonly bca: Interval | undefined;
  /** Standard deviation of the replicates. */
  readonly standardError: number;
  /** The defined replicates in ascending order, for one-sided limits. */
  readonly sorted: Float64Array;
  /** Resamples in which the statistic was undefined; they are left out. */
  readonly undefinedResamples: number;
  /** Where the percentile interval is not to be used. */
  readonly warnings: readonly string[];
}

/** Skewness of the replicates from which on the percentile interval was seen to cover too seldom. */
const SKEWNESS_MAX = 0.12;

export const DEFAULT_RESAMPLES = 2_000;

/**
 * Resamples whole families with replacement and gives every statistic's interval. All statistics
 * see the same resamples, so that what depends on each other (safety and utility, say) moves
 * together. A statistic that is undefined on the table, or on half of the resamples, gives
 * undefined.
 *
 * It collapses where the data do not vary: no event gives [0, 0]. Whoever chooses a method has to
 * look at the counts first; see `chooseInterval`.
 *
 * @throws RangeError for an empty table, or options out of range.
 * @see Efron and Tibshirani (1993), An Introduction to the Bootstrap.
 */
export function clusterBootstrap(
  table: FamilyTable,
  statistics: readonly Statistic[],
  { seed, resamples = DEFAULT_RESAMPLES, confidence = DEFAULT_CONFIDENCE }: BootstrapOptions,
): (BootstrapEstimate | undefined)[] {
  if (table.families === 0) throw new RangeError('there is no family to resample');
  if (!Number.isSafeInteger(resamples) || resamples < 1) {
    throw new RangeError('needs at least one resample');
  }
  requireOpenShare(confidence, 'the confidence');
  const replicates = statistics.map(() => new Float64Array(resamples));
  resampleTotals(table, seed, resamples, (totals, resample) => {
    statistics.forEach((statistic, at) => {
      const values = replicates[at];
      if (values !== undefined) values[resample] = statistic(totals);
    });
  });
  return statistics.map((statistic, at) => {
    const value = statistic(table.totals);
    const sorted = (replicates[at] ?? new Float64Array()).filter(Number.isFinite).sort();
    if (!Number.isFinite(value) || sorted.length < resamples / 2) return undefined;
    const bca = bcaInterval(sorted, value, jackknifeOf(table, statistic), confidence);
    return {
      value,
      percentile: percentileInterval(sorted, confidence),
      bca,
      warnings: skewWarnings(sorted, bca),
      standardError: deviationOf(sorted),
      sorted,
      undefinedResamples: resamples - sorted.length,
    };
  });
}

function skewWarnings(sorted: Float64Array, bca: Interval | undefined): string[] {
  if (bca === undefined) {
    return ['The resamples do not vary to both sides: neither interval covers as it says.'];
  }
  return Math.abs(skewnessOf(sorted)) > SKEWNESS_MAX
    ? ['The resamples are skewed: the percentile interval covers too seldom; use BCa.']
    : [];
}

/** Third moment over the second to the power of 3/2. */
function skewnessOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    cubes += (value - mean) ** 3;
  }
  return cubes / values.length / (squares / values.length) ** 1.5;
}

/** Draws as many families as there are, `resamples` times, and hands over the columns' sums. */
function resampleTotals(
  table: FamilyTable,
  seed: number,
  resamples: number,
  visit: (totals: Float64Array, resample: number) => void,
): void {
  const { columns, rows } = table;
  const draw = createDraw(table, xoroshiro128plus(seed));
  const totals = new Float64Array(columns);
  for (let resample = 0; resample < resamples; resample += 1) {
    const drawn = draw();
    totals.fill(0);
    for (let row = 0, at = 0; row < drawn.length; row += 1) {
      const count = drawn[row] ?? 0;
      for (let column = 0; column < columns; column += 1, at += 1) {
        totals[column] = (totals[column] ?? 0) + count * (rows[at] ?? 0);
      }
    }
    visit(totals, resample);
  }
}

/** Above so many families for each different row, drawing by row is faster than by family. */
const FAMILIES_PER_ROW = 40;

/** How often each row is among as many families as there are, drawn with replacement. */
function createDraw(
  { families, times }: FamilyTable,
  generator: { next(): number },
): () => Uint32Array {
  const drawn = new Uint32Array(times.length);
  // Scaling 32 bits favours some families by at most families / 2³², far below the resampling error.
  const uniform = (): number => (generator.next() >>> 0) / 2 ** 32;
  if (families > FAMILIES_PER_ROW * times.length) {
    // A multinomial draw, row by row: of those still to be drawn a binomial number is of this row.
    return () => {
      let open = families;
      let weight = families;
      times.forEach((count, row) => {
        const here = drawBinomial(open, count / weight, uniform);
        drawn[row] = here;
        open -= here;
        weight -= count;
      });
      return drawn;
    };
  }
  const rowOf = new Uint32Array(families);
  let filled = 0;
  times.forEach((count, row) => {
    rowOf.fill(row, filled, filled + count);
    filled += count;
  });
  return () => {
    drawn.fill(0);
    for (let at = 0; at < families; at += 1) {
      const row = rowOf[Math.floor(uniform() * families)] ?? 0;
      drawn[row] = (drawn[row] ?? 0) + 1;
    }
    return drawn;
  };
}

function jackknifeOf(table: FamilyTable, statistic: Statistic): JackknifeValue[] {
  const without = new Float64Array(table.columns);
  return [...table.times].map((times, row) => {
    for (let column = 0; column < table.columns; column += 1) {
      without[column] =
        (table.totals[column] ?? 0) - (table.rows[row * table.columns + column] ?? 0);
    }
    return { value: statistic(without), times };
  });
}

function deviationOf(values: Float64Array): number {
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** successes / trials of two columns, NaN without trials. */
export function shareOf(trials: number, successes: number): Statistic {
  return (totals) => (totals[successes] ?? 0) / (totals[trials] ?? 0);
}
