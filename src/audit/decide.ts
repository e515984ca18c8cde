import type { FilterSide, ThresholdSource } from '../core/audit.ts';
import { HAZARD_IDS, type HazardId } from '../core/hazard.ts';
import type { Answer, AnswerKey } from './answer.ts';
import { coversHazard, type DetectorFilter, type FilterThreshold } from './filter.ts';
import type { AuditSample } from './sample.ts';

/** A filter as it is measured: a detector's, or one that is made of several answers. */
export interface MeasuredFilter {
  readonly id: string;
  readonly side: FilterSide;
  readonly kind: 'detector' | 'ensemble' | 'cascade';
  readonly members: readonly DetectorFilter[];
  readonly claims: readonly HazardId[];
  /** By whose claims a sample's hazard is covered. */
  covers(sample: AuditSample, hazard: HazardId): boolean;
  thresholdOf(hazard: HazardId | null): {
    readonly threshold: number;
    readonly from: ThresholdSource;
  };
  /** What it says of a sample's hazard, or of a sample as a whole (null). */
  decide(sample: AuditSample, hazard: HazardId | null): Decision;
  /** What asking it took; undefined where it was not asked. */
  effort(sample: AuditSample): Effort | undefined;
}

export type Decision =
  | { readonly kind: 'decided'; readonly flagged: boolean; readonly score: number }
  | { readonly kind: 'undecided'; readonly reason: string };

export interface Effort {
  readonly ms: number;
  /** Null where a member does not tell. */
  readonly costUsd: number | null;
  readonly calls: number;
}

/** Answers of one variant of the samples: plain, or perturbed in one way. */
export type AnswerOf = (filter: string, sample: string) => Answer | undefined;

/** The score that a threshold is held against: a video's peak counts once it passes its own limit. */
export function effectiveScore(values: readonly number[], limit: FilterThreshold): number {
  const [score = 0, peak] = values;
  return limit.peak !== undefined && peak !== undefined && peak >= limit.peak
    ? Math.max(score, limit.threshold)
    : score;
}

/** A detector's filter on one side. */
export function singleFilter(
  filter: DetectorFilter,
  side: FilterSide,
  answerOf: AnswerOf,
): MeasuredFilter {
  const { claims } = filter.detector.description;
  const hazards = HAZARD_IDS.filter((id) => claims.some(({ hazard }) => hazard === id));
  return {
    id: filter.id,
    side,
    kind: 'detector',
    members: [filter],
    claims: hazards,
    covers: (sample, hazard) => coversHazard(claims, sample, hazard),
    thresholdOf: (hazard) => filter.thresholdOf(hazard),
    decide(sample, hazard) {
      const answer = answerOf(filter.id, sample.id);
      if (answer === undefined) return { kind: 'undecided', reason: 'not asked' };
      const keys: readonly AnswerKey[] =
        hazard !== null
          ? [hazard]
          : hazards.length === 0
            ? ['none']
            : hazards.filter((one) => coversHazard(claims, sample, one));
      return decideOver(keys, answer, filter);
    },
    effort(sample) {
      const answer = answerOf(filter.id, sample.id);
      if (answer === undefined) return undefined;
      // A local detector tells no price: it has none.
      const costUsd = answer.costUsd === undefined ? 0 : answer.costUsd;
      return { ms: answer.ms, costUsd, calls: 1 };
    },
  };
}

/** Flagged where any is; undecided where none is and one was not answered. */
function decideOver(keys: readonly AnswerKey[], answer: Answer, filter: DetectorFilter): Decision {
  let highest = 0;
  let flagged = false;
  let missing: string | undefined;
  for (const key of keys) {
    const values = answer.scores[key];
    if (values === undefined) {
      missing ??= answer.abstained[key] ?? 'no answer';
      continue;
    }
    const limit = filter.thresholdOf(key === 'none' ? null : key);
    const score = effectiveScore(values, limit);
    highest = Math.max(highest, score);
    flagged ||= score >= limit.threshold;
  }
  if (!flagged && missing !== undefined) return { kind: 'undecided', reason: missing };
  return keys.length === 0
    ? { kind: 'undecided', reason: 'not covered' }
    : { kind: 'decided', flagged, score: highest };
}

/** Whether a sample belongs to a filter's measure of a hazard, or of all that it covers. */
export function isInScope(
  filter: MeasuredFilter,
  sample: AuditSample,
  hazard: HazardId | null,
): boolean {
  const primary = sample.hazards[0];
  if (hazard !== null) {
    if (!filter.covers(sample, hazard)) return false;
    if (sample.unsafe) return primary === hazard;
    return primary === undefined || sample.hazards.includes(hazard);
  }
  if (primary === undefined) return true;
  if (sample.unsafe) return filter.covers(sample, primary);
  return sample.hazards.some((one) => filter.covers(sample, one));
}
