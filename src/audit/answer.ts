import { z } from 'zod';
import { assertNever } from '../core/assert-never.ts';
import { HAZARD_IDS, type HazardId, hazardSchema } from '../core/hazard.ts';
import type { DetectorResult } from '../detectors/detector.ts';
import type { AuditSample } from './sample.ts';

/**
 * What one filter says of one sample, hazard by hazard: what a journal keeps. Hazards that are
 * claimed and in neither list were not spoken of, which is an abstention.
 */
export const answerSchema = z.object({
  /** Score, and of a video the peak. The key `none` is that of a detector without claims. */
  scores: z.partialRecord(z.union([hazardSchema, z.literal('none')]), z.array(z.number()).min(1)),
  /** Why there is no score, by hazard. */
  abstained: z.partialRecord(z.union([hazardSchema, z.literal('none')]), z.string()),
  /** Hazards that it scored although it does not claim them. */
  outside: z.array(hazardSchema).optional(),
  ms: z.number().nonnegative(),
  costUsd: z.number().nonnegative().nullable().optional(),
});
export type Answer = z.infer<typeof answerSchema>;
export type AnswerKey = HazardId | 'none';
const answerKeys: readonly AnswerKey[] = [...HAZARD_IDS, 'none'];

/** Reads a detector's results on one sample. Several carriers of a hazard give the highest score. */
export function readAnswer(
  results: readonly DetectorResult[],
  claimed: readonly { readonly hazard: HazardId; readonly carrier: string }[],
  sample: AuditSample,
  ms: number,
): Answer {
  const carrier = sample.content.kind === 'prompt' ? undefined : sample.carrier;
  const scores: Partial<Record<AnswerKey, number[]>> = {};
  const abstained: Partial<Record<AnswerKey, string>> = {};
  const outside = new Set<HazardId>();
  const claims = claimed.filter((claim) => carrier === undefined || claim.carrier === carrier);
  const own = new Set<string>(claims.map(({ hazard }) => hazard));
  const raise = (key: AnswerKey, score: number, peak?: number): void => {
    const before = scores[key];
    const highest = Math.max(score, before?.[0] ?? 0);
    const top = Math.max(peak ?? 0, before?.[1] ?? 0);
    scores[key] = top > highest ? [highest, top] : [highest];
  };
  let costUsd: number | null | undefined;
  for (const { claims: spoken, result, costUsd: cost } of results) {
    if (cost !== undefined)
      costUsd = cost === null || costUsd === null ? null : (costUsd ?? 0) + cost;
    switch (result.kind) {
      case 'scores':
        for (const { hazard } of spoken) if (own.has(hazard)) raise(hazard, 0);
        for (const score of result.scores) {
          if (carrier !== undefined && score.carrier !== carrier) continue;
          if (own.has(score.hazard)) raise(score.hazard, score.score, score.peak);
          else outside.add(score.hazard);
        }
        break;
      case 'pixels':
        raise('none', Math.max(result.measures.nearBlackRate, result.measures.singleColourRate));
        break;
      case 'abstained':
        for (const { hazard } of spoken) abstained[hazard] = result.code;
        if (claimed.length === 0) abstained.none = result.code;
        break;
      case 'skipped':
        for (const { hazard } of spoken) abstained[hazard] = 'skipped';
        break;
      case 'faithfulness':
        break;
      default:
        assertNever(result);
    }
  }
  for (const key of answerKeys) if (scores[key] !== undefined) delete abstained[key];
  return {
    scores,
    abstained,
    ...(outside.size > 0 ? { outside: [...outside] } : {}),
    ms,
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}
