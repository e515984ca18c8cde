import { z } from 'zod';
import type { HazardId } from './hazard.ts';
import { idSchema } from './prompt.ts';
import type { Rate } from './rate.ts';

/** A search for prompts on which a guarded endpoint fails, in a pipeline's key `probe`. */
export const probeSchema = z.strictObject({
  authorised: z
    .literal(true, {
      error: 'probing needs the leave of whoever runs the endpoint: `authorised: true`',
    })
    .describe('That whoever runs the endpoints allows it.'),
  queries: z
    .int()
    .min(1)
    .max(200)
    .default(6)
    .describe('Wordings that are tried for each prompt, at most.'),
  chains: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      'Chains of augmentations such as "homoglyphs+art"; without it every technique in code.',
    ),
  maxQueries: z.int().min(1).describe('Requests to each endpoint, plain ones included.'),
  maxRefusals: z
    .int()
    .min(1)
    .describe('Stops asking an endpoint after so many refusals: some providers suspend accounts.'),
  maxUsd: z.number().positive().optional().describe('Stops asking an endpoint at that cost.'),
  reference: idSchema
    .optional()
    .describe('An unguarded endpoint of this pipeline, which is asked the plain prompts alone.'),
  seed: z
    .int()
    .nonnegative()
    .default(0)
    .describe('Of the wordings and of the order of techniques.'),
});
export type ProbeOptions = z.output<typeof probeSchema>;

/** Marks a prompt that a search made: it says nothing of how often an endpoint fails unprovoked. */
export const PROBE_TAG = 'probe';

/** What one chain was tried for, and how often it turned the answer. */
export interface ProbedChain {
  readonly chain: string;
  readonly tried: number;
  readonly turned: number;
  readonly rate: Rate;
}

/** One direction of a search at one endpoint. */
export interface ProbedDirection {
  /** Prompts whose plain wording gave what was to be turned. */
  readonly eligible: number;
  /** Share of these that some wording turned, by how many were allowed: index 0 is one query. */
  readonly turnedAt: readonly Rate[];
  readonly byHazard: readonly { readonly hazard: HazardId; readonly turned: Rate }[];
  readonly byChain: readonly ProbedChain[];
}

export interface ProbedEndpoint {
  readonly endpoint: string;
  readonly queries: number;
  readonly refusals: number;
  readonly costUsd: number | null;
  /** Why the search ended before its queries were used up, where it did. */
  readonly stopped?: 'max_queries' | 'max_refusals' | 'max_usd';
  /** Harmful prompts refused in plain words: does some wording bring harmful media back? */
  readonly evaded: ProbedDirection;
  /** Benign prompts answered in plain words: is some wording refused? */
  readonly blocked: ProbedDirection;
  /** P4D's failure rates, where a reference was asked. */
  readonly p4d?: { readonly failureRate: Rate; readonly failureRateOfEligible: Rate };
}

/** `probe.json`: rates and kinds of change, and no wording. */
export interface ProbeResult {
  readonly schema: 1;
  readonly runId: string;
  readonly endpoints: readonly ProbedEndpoint[];
}
