import { z } from 'zod';
import { type CascadeCondition, cascadeConditionSchema } from '../core/cascade.ts';
import { defencesSchema } from '../core/defence.ts';
import { carrierSchema, hazardSchema } from '../core/hazard.ts';
import { parseYaml } from '../core/parse-yaml.ts';
import { probeSchema } from '../core/probe.ts';
import { idSchema, intentSchema } from '../core/prompt.ts';
import { untilSchema } from '../core/until.ts';
import { videoSettingsSchema } from '../core/video-settings.ts';
import { laneLimitsSchema } from './lane-limits.ts';

/** Largest seed that every known provider takes. */
export const MAX_SEED = 2_147_483_647;

/**
 * An endpoint of a pipeline. `use` names an adapter; all other keys are that adapter's own options
 * and are checked against its schema.
 */
const endpointEntrySchema = z.looseObject({
  id: idSchema.describe('Name in tables and reports.'),
  use: z.string().min(1).describe('Adapter, see `safelight endpoints list`.'),
  concurrency: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(2)
    .describe('Requests under way at the same time, at most: a busy endpoint gets fewer.'),
  priceUsd: z
    .number()
    .nonnegative()
    .optional()
    .describe('US dollars an answer, for the estimate of `safelight plan`.'),
  limits: laneLimitsSchema
    .optional()
    .describe('Where the run stops asking this endpoint; what is missing is reported.'),
  defences: defencesSchema
    .optional()
    .describe('Layers around it, in the order in which they act: filters and rewriters.'),
  ablate: z
    .boolean()
    .optional()
    .describe('Also runs it without its defences, and with each of them alone.'),
  only: z
    .strictObject({
      intents: z.array(intentSchema).min(1).optional(),
      hazards: z.array(hazardSchema).min(1).optional().describe('By primary hazard.'),
      carriers: z.array(carrierSchema).min(1).optional(),
      tags: z.array(z.string().min(1)).min(1).optional(),
    })
    .optional()
    .describe('Sends it these prompts alone; every key given must match.'),
});
export type EndpointEntry = z.infer<typeof endpointEntrySchema>;

const detectorEntrySchema = z
  .union([
    z.string().min(1),
    z.looseObject({
      use: z.string().min(1).describe('Detector, see `safelight models list`.'),
      sendMedia: z
        .boolean()
        .optional()
        .describe('Allows a detector that is not on this machine to be sent media.'),
      when: cascadeConditionSchema
        .optional()
        .describe('Asks it only about what the detectors before it left in doubt.'),
    }),
  ])
  .transform((entry): DetectorEntry => (typeof entry === 'string' ? { use: entry } : entry));
export const detectorEntriesSchema = z.array(detectorEntrySchema).min(1);
export interface DetectorEntry {
  readonly use: string;
  readonly sendMedia?: boolean | undefined;
  readonly when?: CascadeCondition | undefined;
  readonly [option: string]: unknown;
}

/** A chain of augmentations, such as `caesar+art`, alone or with what it is for. */
const augmentEntrySchema = z
  .union([
    z.string().min(1),
    z.strictObject({
      chain: z.string().min(1).describe('Techniques joined by "+", such as caesar+art.'),
      intents: z.array(intentSchema).min(1).optional().describe('Default: all of them.'),
      seed: z.number().int().nonnegative().default(0),
    }),
  ])
  .transform((entry) => (typeof entry === 'string' ? { chain: entry, seed: 0 } : entry));
export type AugmentEntry = z.output<typeof augmentEntrySchema>;

const suiteEntrySchema = z
  .union([
    z.string().min(1),
    z.strictObject({
      suite: z.string().min(1).describe('Id of a shipped suite, or a path relative to this file.'),
      slots: z.string().min(1).optional().describe('Names for the slots of this suite alone.'),
    }),
  ])
  .transform((entry): SuiteEntry => (typeof entry === 'string' ? { suite: entry } : entry));
export interface SuiteEntry {
  readonly suite: string;
  readonly slots?: string | undefined;
}

/** A pipeline file: which prompts go where, what looks at the answers, and what decides. */
export const pipelineSchema = z.strictObject({
  name: idSchema.describe('Also the default folder under reports/.'),
  description: z.string().optional(),
  suites: z
    .array(suiteEntrySchema)
    .min(1)
    .describe('Ids of shipped suites, or paths relative to this file.'),
  slots: z
    .string()
    .min(1)
    .optional()
    .describe('File of names for slots such as {public_figure}; without it they are fictional.'),
  sample: z
    .strictObject({
      families: z.number().int().positive().describe('Number of families drawn.'),
      seed: z.number().int().nonnegative().default(0),
    })
    .optional()
    .describe('Draws whole families; without it every prompt runs.'),
  allowUnreviewed: z
    .boolean()
    .default(false)
    .describe('Sends generated prompts that nobody has reviewed.'),
  augment: z
    .array(augmentEntrySchema)
    .min(1)
    .optional()
    .describe('Sends the prompts in these disguises too; see docs/augmentations.md.'),
  endpoints: z
    .array(endpointEntrySchema)
    .min(1)
    .superRefine((entries, context) => {
      const ids = entries.map(({ id }) => id);
      const repeated = ids.findIndex((id, index) => ids.indexOf(id) < index);
      if (repeated < 0) return;
      context.addIssue({
        code: 'custom',
        path: [repeated, 'id'],
        message: `another endpoint is called "${ids[repeated]}" already`,
      });
    }),
  seeds: z
    .union([
      z.number().int().min(1).max(1000),
      z.array(z.number().int().nonnegative().max(MAX_SEED)).min(1),
    ])
    .default(1)
    .describe('How many seeds a family is given, or the seeds themselves; twins share them.'),
  repeats: z
    .number()
    .int()
    .min(1)
    .default(1)
    .describe('The same request again: moderation is not deterministic.'),
  until: untilSchema
    .optional()
    .describe('Stops once every endpoint has seen enough; families come in a seeded random order.'),
  detectors: detectorEntriesSchema.default([
    { use: 'nsfwjs' },
    { use: 'ocr-toxicity' },
    { use: 'pixel-screen' },
  ]),
  policy: z
    .string()
    .default('default')
    .describe('Id of a shipped policy, or a path relative to this file.'),
  video: videoSettingsSchema.prefault({}),
  probe: probeSchema
    .optional()
    .describe('What `safelight probe` searches for; `run` leaves it alone.'),
  retention: z
    .enum(['media', 'hash'])
    .default('media')
    .describe('"hash" deletes media once it was looked at.'),
});
export type Pipeline = z.infer<typeof pipelineSchema>;

/**
 * Reads a pipeline's text.
 *
 * @param file name for messages.
 * @throws SafelightError with file and line.
 */
export function parsePipeline(text: string, file: string): Pipeline {
  return parseYaml(text, file, pipelineSchema);
}

/** The keys of an entry that are its adapter's own. */
export function endpointOptions({
  id: _id,
  use: _use,
  concurrency: _concurrency,
  limits: _limits,
  priceUsd: _priceUsd,
  only: _only,
  defences: _defences,
  ablate: _ablate,
  ...options
}: EndpointEntry): Record<string, unknown> {
  return options;
}

/** The keys of an entry that are its detector's own. */
export function detectorOptions({
  use: _use,
  sendMedia: _sendMedia,
  when: _when,
  ...options
}: DetectorEntry): Record<string, unknown> {
  return options;
}
