import { assertNever } from '../core/assert-never.ts';
import type { FilterSide } from '../core/audit.ts';
import { HAZARD_IDS, type HazardId } from '../core/hazard.ts';
import type { CascadeEntry, EnsembleEntry } from './audit-pipeline.ts';
import {
  type AnswerOf,
  type Decision,
  type Effort,
  type MeasuredFilter,
  singleFilter,
} from './decide.ts';
import type { DetectorFilter } from './filter.ts';
import type { AuditSample } from './sample.ts';

/** Several filters as one, out of their own answers: nobody is asked again. */
export function ensembleFilter(
  entry: EnsembleEntry,
  members: readonly DetectorFilter[],
  side: FilterSide,
  answerOf: AnswerOf,
): MeasuredFilter {
  const singles = members.map((member) => singleFilter(member, side, answerOf));
  const threshold = entry.rule === 'majority' || entry.rule === 'weighted' ? 0.5 : 1;
  return {
    ...combined(entry.id, 'ensemble', singles, members, side),
    thresholdOf: () => ({ threshold, from: 'members' }),
    decide(sample, hazard) {
      const votes = singles
        .filter((one) => isConcerned(one, sample, hazard))
        .map((one) => ({
          weight: entry.rule === 'weighted' ? (entry.weights?.[one.id] ?? 0) : 1,
          decision: one.decide(sample, hazard),
        }));
      return vote(entry.rule, votes);
    },
    effort: (sample) => sumEffort(singles.map((one) => one.effort(sample))),
  };
}

/** A cheap filter, and a dear one for what the first leaves in doubt. */
export function cascadeFilter(
  entry: Pick<CascadeEntry, 'id' | 'from' | 'to'>,
  [first, second]: readonly [DetectorFilter, DetectorFilter],
  side: FilterSide,
  answerOf: AnswerOf,
): MeasuredFilter & { readonly asksSecond: (sample: AuditSample) => boolean } {
  const cheap = singleFilter(first, side, answerOf);
  const dear = singleFilter(second, side, answerOf);
  const inDoubt = (sample: AuditSample, hazard: HazardId | null): boolean => {
    if (!isConcerned(cheap, sample, hazard)) return true;
    const decision = cheap.decide(sample, hazard);
    return (
      decision.kind === 'undecided' || (decision.score >= entry.from && decision.score < entry.to)
    );
  };
  const asksSecond = (sample: AuditSample): boolean => inDoubt(sample, null);
  return {
    ...combined(entry.id, 'cascade', [cheap, dear], [first, second], side),
    asksSecond,
    thresholdOf: () => ({ threshold: entry.to, from: 'members' }),
    decide(sample, hazard) {
      if (inDoubt(sample, hazard)) {
        return isConcerned(dear, sample, hazard)
          ? dear.decide(sample, hazard)
          : cheap.decide(sample, hazard);
      }
      const decision = cheap.decide(sample, hazard);
      return decision.kind === 'undecided'
        ? decision
        : { ...decision, flagged: decision.score >= entry.to };
    },
    effort: (sample) =>
      sumEffort([cheap.effort(sample), ...(asksSecond(sample) ? [dear.effort(sample)] : [])]),
  };
}

function combined(
  id: string,
  kind: 'ensemble' | 'cascade',
  singles: readonly MeasuredFilter[],
  members: readonly DetectorFilter[],
  side: FilterSide,
): Pick<MeasuredFilter, 'id' | 'side' | 'kind' | 'members' | 'claims' | 'covers'> {
  return {
    id,
    side,
    kind,
    members,
    claims: HAZARD_IDS.filter((hazard) => singles.some(({ claims }) => claims.includes(hazard))),
    covers: (sample, hazard) => singles.some((one) => one.covers(sample, hazard)),
  };
}

/** Whether a member has anything to say: who does not claim a hazard has no vote on it. */
function isConcerned(one: MeasuredFilter, sample: AuditSample, hazard: HazardId | null): boolean {
  if (hazard !== null) return one.covers(sample, hazard);
  return one.claims.length === 0 || one.claims.some((claim) => one.covers(sample, claim));
}

function vote(
  rule: EnsembleEntry['rule'],
  votes: readonly { readonly weight: number; readonly decision: Decision }[],
): Decision {
  const heard = votes.filter(({ weight }) => weight > 0);
  const all = heard.reduce((sum, { weight }) => sum + weight, 0);
  const weigh = (flagged: boolean): number =>
    heard.reduce(
      (sum, { weight, decision }) =>
        sum + (decision.kind === 'decided' && decision.flagged === flagged ? weight : 0),
      0,
    );
  const unsafe = weigh(true);
  const safe = weigh(false);
  const missing = all - unsafe - safe;
  const decided = (flagged: boolean, score: number): Decision => ({
    kind: 'decided',
    flagged,
    score,
  });
  const undecided: Decision = { kind: 'undecided', reason: 'members abstained' };
  const scores = heard.flatMap(({ decision }) =>
    decision.kind === 'decided' ? [decision.score] : [],
  );
  if (scores.length === 0) return undecided;
  switch (rule) {
    case 'any':
      if (unsafe > 0) return decided(true, Math.max(...scores));
      return missing > 0 ? undecided : decided(false, Math.max(...scores));
    case 'all':
      if (safe > 0) return decided(false, Math.min(...scores));
      return missing > 0 ? undecided : decided(true, Math.min(...scores));
    case 'majority':
    case 'weighted': {
      const heardShare = unsafe / (unsafe + safe);
      const isFlagged = rule === 'weighted' ? heardShare >= 0.5 : heardShare > 0.5;
      // Could those that abstained have turned it?
      if (missing >= Math.abs(unsafe - safe) && missing > 0) return undecided;
      return decided(isFlagged, heardShare);
    }
    default:
      return assertNever(rule);
  }
}

function sumEffort(efforts: readonly (Effort | undefined)[]): Effort | undefined {
  const known = efforts.filter((effort) => effort !== undefined);
  if (known.length === 0) return undefined;
  return {
    // One after the other, as a pipeline's detectors are asked.
    ms: known.reduce((sum, { ms }) => sum + ms, 0),
    costUsd: known.some(({ costUsd }) => costUsd === null)
      ? null
      : known.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    calls: known.reduce((sum, { calls }) => sum + calls, 0),
  };
}
