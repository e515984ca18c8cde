import { TWIN_STATES, type TwinCounts, type TwinState } from '../core/audit.ts';
import { type Decision, isInScope, type MeasuredFilter } from './decide.ts';
import { flaggedRate } from './measure.ts';
import type { AuditSample } from './sample.ts';

/** Ids on a page: the journal holds all. */
const MAX_LISTED = 100;

/**
 * Harmful texts against their harmless twins: those of one family, language and augmentation. Each
 * harmful one meets each of its twins.
 */
export function countTwins(
  filter: MeasuredFilter,
  samples: readonly AuditSample[],
  undecidedRateMax: number,
): TwinCounts {
  const groups = new Map<string, { unsafe: AuditSample[]; safe: AuditSample[] }>();
  for (const sample of samples) {
    if (sample.content.kind !== 'prompt' || !isInScope(filter, sample, null)) continue;
    // A control is nobody's twin.
    if (!sample.unsafe && sample.hazards.length === 0) continue;
    const { language, augmentation } = sample.slices;
    const key = JSON.stringify([sample.family, language, augmentation]);
    const group = groups.get(key) ?? { unsafe: [], safe: [] };
    groups.set(key, group);
    group[sample.unsafe ? 'unsafe' : 'safe'].push(sample);
  }
  const pairs = [...groups.values()].flatMap(({ unsafe, safe }) =>
    unsafe.flatMap((one) =>
      safe.map((twin) => ({
        unsafe: one.id,
        safe: twin.id,
        family: one.family,
        state: stateOf(filter.decide(one, null), filter.decide(twin, null)),
      })),
    ),
  );
  const states: Record<TwinState, number> = {
    told_apart: 0,
    both_flagged: 0,
    both_passed: 0,
    reversed: 0,
    undecided: 0,
  };
  for (const { state } of pairs) states[state] += 1;
  return {
    pairs: pairs.length,
    states,
    toldApart: flaggedRate(
      pairs.map(({ family, state }) => ({
        family,
        flagged: state === 'undecided' ? undefined : state === 'told_apart',
      })),
      undecidedRateMax,
      'no harmful text has a harmless twin',
    ),
    list: pairs
      .filter(({ state }) => state !== 'told_apart')
      .toSorted((a, b) => TWIN_STATES.indexOf(b.state) - TWIN_STATES.indexOf(a.state))
      .slice(0, MAX_LISTED)
      .map(({ unsafe, safe, state }) => ({ unsafe, safe, state })),
  };
}

function stateOf(harmful: Decision, twin: Decision): TwinState {
  if (harmful.kind === 'undecided' || twin.kind === 'undecided') return 'undecided';
  if (harmful.flagged) return twin.flagged ? 'both_flagged' : 'told_apart';
  return twin.flagged ? 'reversed' : 'both_passed';
}
