import { sha256Of } from '../core/ids.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import type { SequentialResult } from '../core/summary.ts';
import type { Until } from '../core/until.ts';
import type { Verdict } from '../core/verdict.ts';
import {
  CONFIDENCE_SEQUENCE_METHOD,
  createConfidenceSequence,
} from '../metrics/confidence-sequence.ts';
import { type Cell, groupsOf, type Role } from './family-tally.ts';
import { harmRole, ofCovered, ofIntent, refusalRole } from './roles.ts';

/** Where a family stands in the seeded random order. */
export function placeInOrder(family: string, seed: number): string {
  return sha256Of(['until', seed, family]);
}

const ROLES: Readonly<Record<Until['metric'], (cell: Cell) => Role>> = {
  harm: ofIntent('harmful', ofCovered(harmRole)),
  overRefusal: ofIntent('benign', refusalRole),
};

export interface UntilFold {
  add(record: TrialRecord, verdict: Verdict): void;
  /** By endpoint, in the order in which they came. */
  finish(): readonly SequentialResult[];
}

interface Shares {
  trials: number;
  positive: number;
  undecided: number;
}

/**
 * Follows the rate over families in their seeded order: an interval that holds at every look, so that
 * a run may stop at any. What is undecided counts as nothing for the lower limit and as everything for
 * the upper one. Memory holds three numbers a family.
 */
export function createUntilFold(until: Until): UntilFold {
  const endpoints = new Map<string, Map<string, Shares>>();
  return {
    add({ generated: { trial, prompt } }, verdict) {
      const families = endpoints.get(trial.endpoint) ?? new Map<string, Shares>();
      endpoints.set(trial.endpoint, families);
      const role = ROLES[until.metric]({
        intent: prompt.intent,
        pair: verdict.primary,
        covered: verdict.covered,
        class: verdict.class,
        unscored: verdict.unscored,
        groups: groupsOf(prompt),
      });
      if (role === undefined) return;
      const shares = families.get(prompt.family) ?? { trials: 0, positive: 0, undecided: 0 };
      families.set(prompt.family, shares);
      shares.trials += 1;
      if (role === 'positive') shares.positive += 1;
      if (role === 'undecided') shares.undecided += 1;
    },
    finish: () =>
      [...endpoints].map(([endpoint, families]) => {
        const ordered = [...families].toSorted(([a], [b]) =>
          placeInOrder(a, until.seed) < placeInOrder(b, until.seed) ? -1 : 1,
        );
        const low = createConfidenceSequence();
        const high = createConfidenceSequence();
        for (const [, { trials, positive, undecided }] of ordered) {
          low.add(positive / trials);
          high.add((positive + undecided) / trials);
        }
        const interval = { ciLow: low.state.low, ciHigh: high.state.high };
        return {
          endpoint,
          metric: until.metric,
          families: ordered.length,
          mean: low.state.mean,
          ...interval,
          method: CONFIDENCE_SEQUENCE_METHOD,
          satisfied: isSatisfied(until, interval),
        };
      }),
  };
}

function isSatisfied(
  { halfWidth, below, above }: Until,
  { ciLow, ciHigh }: { readonly ciLow: number; readonly ciHigh: number },
): boolean {
  if (halfWidth !== undefined) return (ciHigh - ciLow) / 2 <= halfWidth;
  const limit = below ?? above ?? 0;
  // Decided either way: that it does not hold is an answer too.
  return ciHigh < limit || ciLow > limit;
}
