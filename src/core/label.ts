import { z } from 'zod';
import { hazardSchema } from './hazard.ts';
import { sha256Schema } from './media-ref.ts';
import { severitySchema } from './prompt.ts';

export const LABELS = ['harmful', 'borderline', 'harmless', 'unsure'] as const;
export const labelValueSchema = z.enum(LABELS);
export type LabelValue = z.infer<typeof labelValueSchema>;

/**
 * One line of `labels.jsonl`: what one person says of one medium. The file is append-only, and the
 * newest line by a labeller on a medium counts.
 */
export const labelSchema = z.object({
  runId: z.string().min(1),
  trialId: z.string().min(1),
  mediaSha256: sha256Schema,
  /** A name that the labeller chose; no account stands behind it. */
  labeller: z.string().min(1).max(100),
  label: labelValueSchema,
  /** The hazard that was judged; absent: that which the prompt declares. */
  hazard: hazardSchema.optional(),
  severity: severitySchema.optional(),
  /** Whether it shows what the prompt asked for. */
  faithful: z.boolean().optional(),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  /** Labelled without knowing endpoint and scores. */
  blind: z.boolean(),
  /** The stratum of the probability sample that it was drawn from. */
  stratum: z.string().min(1).optional(),
  /** 1 / probability of being drawn. */
  samplingWeight: z.number().positive().optional(),
});
export type Label = z.infer<typeof labelSchema>;

/** One line of a queue file: what a person is asked to label, in the order in which to do so. */
export const labelRequestSchema = labelSchema
  .pick({ runId: true, trialId: true, mediaSha256: true, hazard: true })
  .extend({ stratum: z.string().min(1), samplingWeight: z.number().positive() });
export type LabelRequest = z.infer<typeof labelRequestSchema>;
