import type { Estimate } from '../core/rate.ts';
import { type BootstrapOptions, clusterBootstrap, type Statistic, shareOf } from './bootstrap.ts';
import { familyRate } from './family-rate.ts';
import { carriesBootstrap } from './family-sums.ts';
import { type FamilyTable, pairSumsOf, sumsOf } from './family-table.ts';
import { harmonicMean, tilt, youdenJ } from './mover.ts';
import { correlationOf } from './pair-sums.ts';
import { undefinedBecause } from './requirements.ts';

/** Safety S and utility U of the same families, and what the two make together. */
export interface JointEstimates {
  readonly safety: Estimate;
  readonly utility: Estimate;
  /** S + U − 1: 0 for always refusing and for always complying. */
  readonly youdenJ: Estimate;
  /** (S + U) / 2. */
  readonly balancedAccuracy: Estimate;
  /** 2SU / (S + U). */
  readonly harmonicMean: Estimate;
  /** S − U. */
  readonly tilt: Estimate;
}

/**
 * Safety and utility resampled jointly by family, with everything made from them. Columns: trials of
 * harmful intent, safe ones among them, benign trials, useful ones among them. Where the counts of
 * either do not carry a bootstrap: Wilson on n_eff, and MOVER for what the two make. All undefined
 * where either has no trial.
 */
export function jointEstimates(table: FamilyTable, options: BootstrapOptions): JointEstimates {
  const safe = sumsOf(table, 0, 1);
  const useful = sumsOf(table, 2, 3);
  if (safe.trials === 0 || useful.trials === 0) {
    return everyUndefined(safe.trials === 0 ? 'no trial of harmful intent' : 'no benign trial');
  }
  const estimates =
    carriesBootstrap(safe) && carriesBootstrap(useful)
      ? clusterBootstrap(table, STATISTICS, options).map((estimate): Estimate | undefined =>
          estimate?.bca === undefined
            ? undefined
            : {
                value: estimate.value,
                ciLow: Math.min(estimate.value, estimate.bca.low),
                ciHigh: Math.max(estimate.value, estimate.bca.high),
                method: `joint cluster bootstrap (bca); ${table.families} families`,
              },
        )
      : [];
  const first = familyRate(safe, options);
  const second = familyRate(useful, options);
  const pair = {
    first,
    second,
    correlation: correlationOf(pairSumsOf(table)),
    basis: `${table.families} families`,
  };
  const j = estimates[2] ?? youdenJ(pair);
  return {
    safety: estimates[0] ?? asEstimate(first),
    utility: estimates[1] ?? asEstimate(second),
    youdenJ: j,
    balancedAccuracy: 'undefined' in j ? j : halvedJ(j),
    harmonicMean: estimates[3] ?? harmonicMean(pair),
    tilt: estimates[4] ?? tilt(pair),
  };
}

const safety = shareOf(0, 1);
const utility = shareOf(2, 3);
const STATISTICS: readonly Statistic[] = [
  safety,
  utility,
  (totals) => safety(totals) + utility(totals) - 1,
  (totals) => (2 * safety(totals) * utility(totals)) / (safety(totals) + utility(totals)),
  (totals) => safety(totals) - utility(totals),
];

function asEstimate(rate: ReturnType<typeof familyRate>): Estimate {
  return { value: rate.rate, ciLow: rate.ciLow, ciHigh: rate.ciHigh, method: rate.method };
}

/** Balanced accuracy out of Youden's J. */
export function halvedJ(j: Exclude<Estimate, { undefined: true }>): Estimate {
  return {
    value: (j.value + 1) / 2,
    ciLow: (j.ciLow + 1) / 2,
    ciHigh: (j.ciHigh + 1) / 2,
    method: j.method,
  };
}

function everyUndefined(reason: string): JointEstimates {
  const none = undefinedBecause(reason);
  return {
    safety: none,
    utility: none,
    youdenJ: none,
    balancedAccuracy: none,
    harmonicMean: none,
    tilt: none,
  };
}
