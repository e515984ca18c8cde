import { z } from 'zod';
import { carrierSchema, hazardSchema } from './hazard.ts';
import { parseYaml } from './parse-yaml.ts';
import { idSchema, MODALITIES } from './prompt.ts';

const sentence = z.string().min(1);

/** A rule of a policy that a user writes: judges ask about it, and paired prompts are drafted from it. */
const ruleSchema = z.strictObject({
  id: idSchema,
  hazard: hazardSchema.exclude(['child_safety']),
  carrier: carrierSchema.default('visual'),
  modality: z.enum([...MODALITIES, 'any']).default('any'),
  /** What is not allowed, in a sentence or two. */
  forbidden: sentence,
  /** What looks like it and is allowed: the benign twins come from here. */
  allowed: sentence,
  /** What makes a breach grave or slight; the taxonomy's words where it is left out. */
  severity: z.strictObject({ minor: sentence, moderate: sentence, severe: sentence }).optional(),
  examples: z
    .array(z.strictObject({ harmful: z.string().min(1), benign: z.string().min(1) }))
    .default([]),
});
export type PolicyRule = z.output<typeof ruleSchema>;

/** Rules with ids, each for one hazard. What findings make which verdict is another policy's matter. */
export const rulePolicySchema = z.strictObject({
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
export type RulePolicy = z.output<typeof rulePolicySchema>;

/** @throws SafelightError with file and line; for an unknown hazard with the nearest name. */
export function parseRulePolicy(text: string, file: string): RulePolicy {
  return parseYaml(text, file, rulePolicySchema);
}
