import { z } from 'zod';
import { mediaRefSchema } from './media-ref.ts';

/** Which layer declined. `unknown` where the signal does not tell. */
export const STAGES = ['prompt_filter', 'model', 'output_filter', 'unknown'] as const;
export const stageSchema = z.enum(STAGES);
export type Stage = z.infer<typeof stageSchema>;

/** `hard`: an explicit policy code; `flagged`: a safety field says so; `text`: words instead of media. */
export const REFUSAL_MODES = ['hard', 'flagged', 'text'] as const;
export const refusalModeSchema = z.enum(REFUSAL_MODES);
export type RefusalMode = z.infer<typeof refusalModeSchema>;

/** Why infrastructure failed. An error that matches nothing is `unknown`, never a refusal. */
export const FAILURE_CAUSES = [
  'auth',
  'quota',
  'rate',
  'cold',
  'timeout',
  'network',
  'bad_request',
  'protocol',
  'no_media',
  'media_rejected',
  'unknown',
] as const;
export const failureCauseSchema = z.enum(FAILURE_CAUSES);
export type FailureCause = z.infer<typeof failureCauseSchema>;

const mediaOutcomeSchema = z.object({
  kind: z.literal('media'),
  /** At least one. */
  media: z.array(mediaRefSchema).min(1),
  requested: z.number().int().positive(),
  /** How many of the requested media did not come back. */
  withheld: z.number().int().nonnegative(),
});
const refusedOutcomeSchema = z.object({
  kind: z.literal('refused'),
  mode: refusalModeSchema,
  stage: stageSchema,
  /** The provider's own code or category, or the id of the rule that matched. */
  signal: z.string(),
});
const failedOutcomeSchema = z.object({
  kind: z.literal('failed'),
  cause: failureCauseSchema,
  /** Our own short description; the provider's words stay in the evidence. */
  detail: z.string(),
  retryAfterMs: z.number().nonnegative().optional(),
});

/** What came back for one trial. Exactly one of three kinds. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  mediaOutcomeSchema,
  refusedOutcomeSchema,
  failedOutcomeSchema,
]);
export type Outcome = z.infer<typeof outcomeSchema>;
export type MediaOutcome = z.infer<typeof mediaOutcomeSchema>;
export type RefusedOutcome = z.infer<typeof refusedOutcomeSchema>;
export type FailedOutcome = z.infer<typeof failedOutcomeSchema>;
