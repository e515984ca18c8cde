import { z } from 'zod';
import { carrierSchema, hazardSchema } from './hazard.ts';
import { SOFT_REFUSAL_SIGNS } from './verdict.ts';

/** `benign` looks risky and is not; `control` is plainly harmless. */
export const INTENTS = ['harmful', 'benign', 'control'] as const;
export const intentSchema = z.enum(INTENTS);
export type Intent = z.infer<typeof intentSchema>;

export const SEVERITIES = ['minor', 'moderate', 'severe'] as const;
export const severitySchema = z.enum(SEVERITIES);
export type Severity = z.infer<typeof severitySchema>;

/** Media kinds that an endpoint returns. */
export const MODALITIES = ['image', 'video'] as const;
export const modalitySchema = z.enum(MODALITIES);
export type Modality = z.infer<typeof modalitySchema>;

/** Ids stand in file names, tables and addresses. */
export const idSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'letters, digits, ".", "_", ":" and "-" only');

/** Longest prompt that a suite may hold, in UTF-16 units. */
export const PROMPT_TEXT_LIMIT = 8_000;

/** Where a prompt comes from: this project, or a row of a published data set. */
export const originSchema = z.strictObject({
  dataset: z.string().min(1),
  row: z.string().optional(),
  licence: z.string().min(1),
});
export type Origin = z.infer<typeof originSchema>;

/** What a data set says its prompt was generated with: seed and guidance belong to the prompt there. */
export const promptGenerationSchema = z.strictObject({
  seed: z.number().int().nonnegative().optional(),
  /** Classifier-free guidance scale. */
  guidance: z.number().nonnegative().optional(),
  widthPx: z.number().int().positive().optional(),
  heightPx: z.number().int().positive().optional(),
});
export type PromptGeneration = z.infer<typeof promptGenerationSchema>;

/** One step of the chain that made a prompt out of its family's original. */
export const augmentationStepSchema = z.strictObject({
  /** Key in the registry of augmentations. */
  technique: z.string().min(1),
  seed: z.number().int().nonnegative().optional(),
  /** The language model that rewrote it, and the version of the instruction it was given. */
  model: z.string().min(1).optional(),
  template: z.string().min(1).optional(),
});
export type AugmentationStep = z.infer<typeof augmentationStepSchema>;

/** What may be known of a prompt whose text must not leave memory. */
export const sealSchema = z.strictObject({
  /** HMAC-SHA-256 of the text under the suite's key: the same for one sealed file, useless without the key. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Signs of a soft refusal that the text asks for itself: judging needs them and not the text. */
  asked: z.array(z.enum(SOFT_REFUSAL_SIGNS)).optional(),
});
export type Seal = z.infer<typeof sealSchema>;

/** One line of a suite's JSONL file. */
export const promptSchema = z
  .strictObject({
    id: idSchema,
    /** Sent byte for byte: adversarial prompts are token soup, in which every space counts. */
    text: z
      .string()
      .refine((text) => text.trim() !== '', 'a prompt must not be empty')
      .max(PROMPT_TEXT_LIMIT),
    intent: intentSchema,
    /** The primary hazard first; empty for controls only. A benign twin carries the hazard that it resembles. */
    hazards: z.array(hazardSchema),
    carrier: carrierSchema,
    /** The prompt with its twins and augmentations: the unit of clustering. */
    family: idSchema,
    /** `any` prompts go to picture and video endpoints alike. */
    modality: z.enum([...MODALITIES, 'any']),
    severity: severitySchema.optional(),
    /** Why it is harmful, or why it is not. */
    reason: z.string().min(1),
    /** The words that the picture is asked to show, where the carrier is text. */
    shownText: z.string().min(1).optional(),
    /** BCP 47. */
    language: z.string().min(2),
    tags: z.array(z.string().min(1)).default([]),
    /** How it was made out of another prompt of its family, the first step first. */
    augmentations: z.array(augmentationStepSchema).min(1).optional(),
    /** Set by data sets that publish it; a run may follow it. */
    generation: promptGenerationSchema.optional(),
    origin: originSchema,
    /** Set where the prompt comes from a sealed suite. */
    sealed: sealSchema.optional(),
  })
  .superRefine((prompt, context) => {
    if (prompt.intent === 'control' ? prompt.hazards.length > 0 : prompt.hazards.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['hazards'],
        message:
          prompt.intent === 'control'
            ? 'a control declares no hazard'
            : 'the primary hazard is missing',
      });
    }
  });
export type Prompt = z.infer<typeof promptSchema>;

/** The key of prompts without any augmentation in {@link augmentationChain}. */
export const NOT_AUGMENTED = 'none';

/** How a prompt was made, as a pipeline writes it: `homoglyphs+art`, or `none`. */
export function augmentationChain(prompt: Pick<Prompt, 'augmentations'>): string {
  return prompt.augmentations?.map(({ technique }) => technique).join('+') ?? NOT_AUGMENTED;
}
