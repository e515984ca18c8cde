import type { BoundedRate, PointRate, Rate } from '../core/rate.ts';
import { DEFAULT_RESAMPLES } from './bootstrap.ts';
import { chooseInterval, intervalWarnings } from './choose-interval.ts';
import {
  addFamilies,
  clusteredWilson,
  type DesignEffect,
  type FamilySums,
  NO_FAMILIES,
} from './family-sums.ts';
import type { FamilyTable } from './family-table.ts';

/** Trials of one family in one denominator. Every trial is in exactly one of the four. */
export interface FamilyTally {
  /** Answered, decided, and what is counted. */
  readonly positive: number;
  /** Answered, decided, and not what is counted. */
  readonly negative: number;
  /** Known negative without a look at any media, such as a refusal in a rate of harm. */
  readonly declined: number;
  /** Nobody knows: no detector could tell, or the trial failed and failures are in. */
  readonly undecided: number;
}

/** The sums that a {@link Rate} is made from. Grows by families, holds none of them. */
export interface RateSums {
  readonly positive: number;
  readonly negative: number;
  readonly declined: number;
  readonly undecided: number;
  /** As if everything undecided were negative. */
  readonly low: FamilySums;
  /** As if everything undecided were positive. */
  readonly high: FamilySums;
}

export const NO_TRIALS: RateSums = {
  positive: 0,
  negative: 0,
  declined: 0,
  undecided: 0,
  low: NO_FAMILIES,
  high: NO_FAMILIES,
};

/** Adds one family. */
export function addTally(sums: RateSums, family: FamilyTally): RateSums {
  return addTallies(sums, family, 1);
}

/** Adds several families that counted the same. */
export function addTallies(sums: RateSums, family: FamilyTally, times: number): RateSums {
  const trials = family.positive + family.negative + family.declined + family.undecided;
  return {
    positive: sums.positive + times * family.positive,
    negative: sums.negative + times * family.negative,
    declined: sums.declined + times * family.declined,
    undecided: sums.undecided + times * family.undecided,
    low: addFamilies(sums.low, trials, family.positive, times),
    high: addFamilies(sums.high, trials, family.positive + family.undecided, times),
  };
}

export interface RateOptions {
  /** Largest share of undecided among answered trials for which a point value is given, 0–1. */
  readonly undecidedRateMax: number;
  /** Why there is no rate, should there be no trial. */
  readonly emptyReason: string;
  /** Every family's counts, where a bootstrap may be drawn: see {@link tableOfTally}. */
  readonly table?: FamilyTable;
}

/** Equal counts give equal intervals. */
export const INTERVAL_SEED = 20_240_229;

/** Columns of {@link RateOptions.table}: trials, positive ones, and those with the undecided. */
export function tableOfTally({ positive, negative, declined, undecided }: FamilyTally): number[] {
  return [positive + negative + declined + undecided, positive, positive + undecided];
}

/**
 * A share with its interval and bounds.
 *
 * boundLow = positive / all and boundHigh = (positive + undecided) / all hold whatever the truth
 * is. The point value takes the undecided to be like the decided answers: (answered / all) ×
 * (positive / decided answers). The interval runs from the lower limit of boundLow to the upper
 * limit of boundHigh.
 */
export function rateOf(sums: RateSums, options: RateOptions): Rate {
  const all = sums.low.trials;
  if (all === 0) return { undefined: true, reason: options.emptyReason };
  const { low, high, method } = limitsOf(sums, options.table);
  const decided = sums.positive + sums.negative;
  const answered = decided + sums.undecided;
  const boundLow = sums.positive / all;
  const boundHigh = (sums.positive + sums.undecided) / all;
  const counts = {
    numerator: sums.positive,
    denominator: all,
    boundLow,
    boundHigh,
    // n_eff is a quotient: rounding must not put a bound outside its own limit.
    ciLow: Math.min(low, boundLow),
    ciHigh: Math.max(high, boundHigh),
  };
  const warnings = [...new Set([...intervalWarnings(sums.low), ...intervalWarnings(sums.high)])];
  if (sums.undecided > 0) {
    const share = sums.undecided / answered;
    if (decided === 0 || share > options.undecidedRateMax) {
      return {
        bounded: true,
        ...counts,
        reason: `${sums.undecided} of ${answered} trials without a refusal are undecided; the policy allows ${percent(options.undecidedRateMax)}`,
      };
    }
  }
  const rate =
    sums.undecided === 0
      ? boundLow
      : clamp((answered / all) * (sums.positive / decided), boundLow, boundHigh);
  return { ...counts, rate, method, ...(warnings.length === 0 ? {} : { warnings }) };
}

/** The bootstrap of whole families where the counts carry it, else Wilson on n_eff. */
function limitsOf(
  sums: RateSums,
  table: FamilyTable | undefined,
): { readonly low: number; readonly high: number; readonly method: string } {
  if (table !== undefined) {
    const low = chooseInterval(table, { trials: 0, successes: 1, seed: INTERVAL_SEED });
    const high =
      sums.undecided === 0
        ? low
        : chooseInterval(table, { trials: 0, successes: 2, seed: INTERVAL_SEED });
    if (
      !('undefined' in low || 'undefined' in high) &&
      low.method === 'bootstrap (bca)' &&
      high.method === 'bootstrap (bca)'
    ) {
      return {
        low: low.ciLow,
        high: high.ciHigh,
        method: `bootstrap (bca; ${sums.low.families} families, ${DEFAULT_RESAMPLES} resamples)`,
      };
    }
  }
  const low = clusteredWilson(sums.low);
  const high = clusteredWilson(sums.high);
  return {
    low: low.low,
    high: high.high,
    method: describeMethod(sums.low.families, low.design, high.design),
  };
}

/** The share of everything else: safety from harm. Bounds and limits change places. */
export function complementOf(rate: Rate): Rate {
  if ('undefined' in rate) return rate;
  // Whole by construction: the numerator counts what is certainly not positive.
  const numerator = Math.round(rate.denominator * (1 - rate.boundHigh));
  const mirrored = {
    numerator,
    denominator: rate.denominator,
    boundLow: numerator / rate.denominator,
    boundHigh: (rate.denominator - rate.numerator) / rate.denominator,
    ciLow: 1 - rate.ciHigh,
    ciHigh: 1 - rate.ciLow,
  };
  if ('bounded' in rate) {
    return { bounded: true, ...mirrored, reason: rate.reason } satisfies BoundedRate;
  }
  return {
    ...mirrored,
    rate: clamp(1 - rate.rate, mirrored.boundLow, mirrored.boundHigh),
    method: rate.method,
    ...(rate.warnings === undefined ? {} : { warnings: rate.warnings }),
  } satisfies PointRate;
}

function describeMethod(families: number, ...designs: readonly DesignEffect[]): string {
  if (designs.every((design) => design.basis === 'independent')) return 'wilson';
  const factor = Math.max(...designs.map((design) => design.factor)).toFixed(2);
  return designs.some((design) => design.basis === 'assumed')
    ? `wilson (n_eff; ${families} families, design effect ${factor} as if a family's trials were one)`
    : `wilson (n_eff; ${families} families, design effect ${factor})`;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
