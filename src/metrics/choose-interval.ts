import type { UndefinedRate } from '../core/rate.ts';
import { clusterBootstrap, DEFAULT_RESAMPLES, shareOf } from './bootstrap.ts';
import { clusteredClopperPearson, familyRate } from './family-rate.ts';
import { BOOTSTRAP_NEEDS, carriesBootstrap, designEffect, type FamilySums } from './family-sums.ts';
import { type FamilyTable, sumsOf } from './family-table.ts';
import { undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

/** Near-nominal intervals need so many effective events and non-events. */
export const EFFECTIVE_EVENTS_MIN = 5;

export type IntervalMethod = 'wilson' | 'wilson (n_eff)' | 'clopper-pearson' | 'bootstrap (bca)';

export interface ChosenInterval {
  /** In 0–1. */
  readonly rate: number;
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly method: IntervalMethod;
  /** Why this method and not another: a clause for reports. */
  readonly because: string;
  /** Trials divided by the design effect. */
  readonly effectiveTrials: number;
  readonly warnings: readonly string[];
}

export interface ChooseOptions {
  /** Columns of the share in the table. Default 0 and 1. */
  readonly trials?: number;
  readonly successes?: number;
  /** `conservative` covers at least as often as it says: Clopper–Pearson. Default near-nominal. */
  readonly coverage?: 'near-nominal' | 'conservative';
  /** Of the bootstrap. */
  readonly seed: number;
  readonly resamples?: number;
  readonly confidence?: number;
}

/**
 * Decides from the counts how a share's interval is made, and says so: Wilson where every family
 * holds one trial; the cluster bootstrap where the counts carry it; Wilson with n_eff else. Warns
 * where simulation shows that none of them covers as it says (docs/statistics.md).
 *
 * @returns undefined without trials.
 */
export function chooseInterval(
  table: FamilyTable,
  {
    trials = 0,
    successes = 1,
    coverage = 'near-nominal',
    seed,
    resamples = DEFAULT_RESAMPLES,
    confidence = DEFAULT_CONFIDENCE,
  }: ChooseOptions,
): ChosenInterval | UndefinedRate {
  const sums = sumsOf(table, trials, successes);
  if (sums.trials === 0) return undefinedBecause('no trial');
  const rate = sums.successes / sums.trials;
  const design = designEffect(sums);
  const effectiveTrials = sums.trials / design.factor;
  const common = { rate, effectiveTrials, warnings: intervalWarnings(sums) };
  if (coverage === 'conservative') {
    const { low, high } = clusteredClopperPearson(sums, { confidence });
    return {
      ...common,
      ciLow: Math.min(low, rate),
      ciHigh: Math.max(high, rate),
      method: 'clopper-pearson',
      because: 'asked for an interval that never covers too seldom',
    };
  }
  const { ciLow, ciHigh } = familyRate(sums, { confidence });
  if (design.basis === 'independent') {
    return { ...common, ciLow, ciHigh, method: 'wilson', because: 'each family holds one trial' };
  }
  if (carriesBootstrap(sums)) {
    const [estimate] = clusterBootstrap(table, [shareOf(trials, successes)], {
      seed,
      resamples,
      confidence,
    });
    if (estimate?.bca !== undefined) {
      return {
        ...common,
        ciLow: Math.min(rate, estimate.bca.low),
        ciHigh: Math.max(rate, estimate.bca.high),
        method: 'bootstrap (bca)',
        because: `${sums.families} families carry a cluster bootstrap`,
      };
    }
  }
  return {
    ...common,
    ciLow,
    ciHigh,
    method: 'wilson (n_eff)',
    because:
      design.basis === 'assumed'
        ? "the spread between families tells nothing, so a family's trials count as one"
        : `a bootstrap needs ${BOOTSTRAP_NEEDS.events} events, ${BOOTSTRAP_NEEDS.nonEvents} non-events and ${BOOTSTRAP_NEEDS.families} families`,
  };
}

/** Where simulation shows that intervals of such counts may not cover as they say. */
export function intervalWarnings(sums: FamilySums): string[] {
  if (sums.trials === 0) return [];
  const effectiveTrials = sums.trials / designEffect(sums).factor;
  const rarer = Math.min(sums.successes, sums.trials - sums.successes) / sums.trials;
  return [
    ...(effectiveTrials * rarer < EFFECTIVE_EVENTS_MIN
      ? [
          `Fewer than ${EFFECTIVE_EVENTS_MIN} effective events or non-events: the interval may cover less or more often than it says; ask for the conservative one.`,
        ]
      : []),
    ...(sums.families < BOOTSTRAP_NEEDS.families && sums.families < sums.trials
      ? [`Only ${sums.families} families: how much their trials depend on each other is a guess.`]
      : []),
  ];
}
