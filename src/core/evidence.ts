import { z } from 'zod';
import { mediaRefSchema } from './media-ref.ts';

/**
 * Everything that an outcome was decided from, redacted: no secret, no media byte, and the prompt
 * itself replaced by {@link PROMPT_PLACEHOLDER}. The outcome is a pure function of it, so that a
 * better rule can be applied later without asking the endpoint again.
 */
export const evidenceSchema = z.object({
  protocol: z.string(),
  request: z.unknown(),
  response: z
    .object({
      status: z.number().int().optional(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
    })
    .optional(),
  /** Protocol events (status, data, log) in order of arrival, times in ms since the request. */
  events: z.array(z.object({ atMs: z.number(), type: z.string(), payload: z.unknown() })),
  /** Media that were fetched and stored. */
  media: z.array(mediaRefSchema),
  /** How many media the request asked for. */
  requested: z.number().int().positive(),
  /** What went wrong on our side of the wire, if anything did. */
  fault: z
    .object({
      where: z.enum(['connect', 'request', 'stream', 'deadline', 'media', 'abort']),
      code: z.string(),
      message: z.string(),
    })
    .optional(),
  /** Attempts before this one: why each was repeated and how long we waited. */
  retries: z.array(z.object({ cause: z.string(), waitedMs: z.number() })).default([]),
});
export type Evidence = z.infer<typeof evidenceSchema>;

/** Stands in evidence wherever the prompt's text stood. */
export const PROMPT_PLACEHOLDER = '⟨prompt⟩';
