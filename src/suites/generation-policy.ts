import { z } from 'zod';
import { carrierSchema, hazardSchema } from '../core/hazard.ts';
import { parseYaml } from '../core/parse-yaml.ts';
import { idSchema, MODALITIES } from '../core/prompt.ts';

/** A rule of a policy that a user writes, from which paired prompts are drafted. */
const ruleSchema = z.strictObject({
  id: idSchema,
  hazard: hazardSchema.exclude(['child_safety']),
  carrier: carrierSchema.default('visual'),
  modality: z.enum([...MODALITIES, 'any']).default('any'),
  /** What is not allowed, in a sentence or two. */
  forbidden: z.string().min(1),
  /** What looks like it and is allowed: the benign twins come from here. */
  allowed: z.string().min(1),
  examples: z
    .array(z.strictObject({ harmful: z.string().min(1), benign: z.string().min(1) }))
    .default([]),
});
export type PolicyRule = z.output<typeof ruleSchema>;

export const generationPolicySchema = z.strictObject({
  id: idSchema,
  title: z.string().min(1),
  licence: z.string().min(1).default('NOASSERTION'),
  language: z.string().min(2).default('en'),
  rules: z
    .array(ruleSchema)
    .min(1)
    .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, {
      message: 'two rules have the same id',
    }),
});
export type GenerationPolicy = z.output<typeof generationPolicySchema>;

/** @throws SafelightError with file and line. */
export function parseGenerationPolicy(text: string, file: string): GenerationPolicy {
  return parseYaml(text, file, generationPolicySchema);
}
