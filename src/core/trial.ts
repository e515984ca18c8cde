import { z } from 'zod';
import { sha256Of } from './ids.ts';
import { idSchema } from './prompt.ts';

/** A value without parts: what a form, a URL or a command line can hold. */
export const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Values that a pipeline may set on an endpoint's request: any JSON, such as a camera's movement. */
export const parametersSchema = z.record(z.string(), z.json());
export type Parameters = z.infer<typeof parametersSchema>;

/** The same where no value can have parts. */
export const scalarParametersSchema = z.record(z.string(), scalarSchema);
export type ScalarParameters = z.infer<typeof scalarParametersSchema>;

/** One prompt, one seed, one endpoint. */
export const trialSchema = z.object({
  /** Hash over every other field and the prompt's text. */
  id: z.string(),
  promptId: idSchema,
  endpoint: idSchema,
  /** The model's or Space's resolved revision, null where the endpoint does not tell. */
  revision: z.string().nullable(),
  parameters: parametersSchema,
  /** The provider's safety settings as they were sent or reported. */
  safetySettings: parametersSchema,
  seed: z.number().int().nonnegative(),
  /** 0-based: the same request once more, since moderation is not deterministic. */
  repeat: z.number().int().nonnegative(),
});
export type Trial = z.infer<typeof trialSchema>;

/** Derives the id: 32 hexadecimal digits of the SHA-256 of the canonical JSON of everything that identifies a trial. */
export function createTrial(fields: Omit<Trial, 'id'>, promptText: string): Trial {
  return { id: sha256Of({ ...fields, promptText }).slice(0, 32), ...fields };
}

/** The key of a generation in the cache: a trial's identity without the prompt's id. */
export function generationKey(trial: Trial, promptText: string): string {
  const { id: _id, promptId: _promptId, ...rest } = trial;
  return sha256Of({ ...rest, promptText });
}
