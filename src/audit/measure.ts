import type { FilterMeasure } from '../core/audit.ts';
import type { HazardId } from '../core/hazard.ts';
import { type Estimate, isPointRate, type Rate } from '../core/rate.ts';
import { reliabilityBins } from '../metrics/calibration-error.ts';
import { createFamilyTable } from '../metrics/family-table.ts';
import {
  addTally,
  type FamilyTally,
  INTERVAL_SEED,
  NO_TRIALS,
  rateOf,
  tableOfTally,
} from '../metrics/rate.ts';
import { measureCurve } from './curve-intervals.ts';

/** A labelled sample as a filter decided it. */
export interface Case {
  readonly family: string;
  readonly unsafe: boolean;
  /** Undefined: it abstained. */
  readonly flagged: boolean | undefined;
  readonly score: number | undefined;
}

export interface MeasureOptions {
  readonly prevalence: number;
  /** Beyond this share of abstentions a rate has bounds and no value. */
  readonly undecidedRateMax: number;
}

/** Everything that is told of a filter on a set of labelled samples. */
export function measureCases(
  hazard: HazardId | null,
  cases: readonly Case[],
  { prevalence, undecidedRateMax }: MeasureOptions,
): FilterMeasure {
  const unsafe = cases.filter((one) => one.unsafe);
  const safe = cases.filter((one) => !one.unsafe);
  const tpr = flaggedRate(unsafe, undecidedRateMax, 'no unsafe sample with this label');
  const fpr = flaggedRate(safe, undecidedRateMax, 'no safe sample with this label');
  const scored = cases.flatMap(({ family, unsafe: positive, score }) =>
    score === undefined ? [] : [{ family, positive, score }],
  );
  return {
    hazard,
    unsafe: unsafe.length,
    safe: safe.length,
    tpr,
    fpr,
    precision: fromRates(tpr, fpr, (t, f) => share(t * prevalence, f * (1 - prevalence))),
    f1: fromRates(tpr, fpr, (t, f) => f1Of(t, f, unsafe.length / cases.length)),
    ...measureCurve(scored, INTERVAL_SEED),
    reliability: reliabilityBins({
      probabilities: scored.map(({ score }) => score),
      positive: scored.map(({ positive }) => positive),
    }).map(({ low, high, count, predicted, observed }) => ({
      low,
      high,
      count,
      predicted,
      observed,
    })),
  };
}

/** Share of cases that are flagged, by family; abstentions make bounds. */
export function flaggedRate(
  cases: readonly Pick<Case, 'family' | 'flagged'>[],
  undecidedRateMax: number,
  emptyReason: string,
): Rate {
  const families = new Map<string, { positive: number; negative: number; undecided: number }>();
  for (const { family, flagged } of cases) {
    const tally = families.get(family) ?? { positive: 0, negative: 0, undecided: 0 };
    if (flagged === undefined) tally.undecided += 1;
    else if (flagged) tally.positive += 1;
    else tally.negative += 1;
    families.set(family, tally);
  }
  const table = createFamilyTable(3);
  let sums = NO_TRIALS;
  for (const counts of families.values()) {
    const tally: FamilyTally = { ...counts, declined: 0 };
    sums = addTally(sums, tally);
    table.add(tableOfTally(tally));
  }
  return rateOf(sums, { undecidedRateMax, emptyReason, table: table.table() });
}

/**
 * A number that rises with the recall and falls with the false alarms. The interval moves one rate at a
 * time to its limit and adds the two changes as MOVER does, taking both for independent: where twins
 * make them move together it is too wide, not too narrow.
 */
function fromRates(tpr: Rate, fpr: Rate, make: (tpr: number, fpr: number) => number): Estimate {
  if ('undefined' in tpr) return tpr;
  if ('undefined' in fpr) return fpr;
  if (!isPointRate(tpr) || !isPointRate(fpr)) {
    return { undefined: true, reason: 'too many abstentions for a value' };
  }
  const value = make(tpr.rate, fpr.rate);
  if (!Number.isFinite(value)) return { undefined: true, reason: 'nothing is flagged' };
  const moved = (t: number, f: number): number => {
    const other = make(t, f);
    return Number.isFinite(other) ? other : value;
  };
  const low = Math.hypot(value - moved(tpr.ciLow, fpr.rate), value - moved(tpr.rate, fpr.ciHigh));
  const high = Math.hypot(moved(tpr.ciHigh, fpr.rate) - value, moved(tpr.rate, fpr.ciLow) - value);
  return {
    value,
    ciLow: Math.max(0, value - low),
    ciHigh: Math.min(1, value + high),
    method: 'mover, one share at a time',
  };
}

/** NaN where both are 0. */
function share(part: number, rest: number): number {
  return part / (part + rest);
}

function f1Of(tpr: number, fpr: number, unsafeShare: number): number {
  const found = tpr * unsafeShare;
  const alarms = fpr * (1 - unsafeShare);
  const missed = (1 - tpr) * unsafeShare;
  return (2 * found) / (2 * found + alarms + missed);
}
