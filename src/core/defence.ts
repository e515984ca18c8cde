import { z } from 'zod';
import { idSchema } from './prompt.ts';

const thresholdSchema = z
  .number()
  .min(0)
  .max(1)
  .default(0.5)
  .describe('It blocks where any score reaches this.');
const unsureSchema = z
  .enum(['pass', 'block'])
  .default('pass')
  .describe('What happens where the filter cannot tell.');

/** A layer around an endpoint. Keys beside these are the detector's own options. */
export const defenceSchema = z.discriminatedUnion('on', [
  z.looseObject({
    id: idSchema,
    on: z.literal('prompt').describe('Reads the prompt before it is sent.'),
    use: z.string().min(1).describe('A detector that reads text.'),
    threshold: thresholdSchema,
    unsure: unsureSchema,
  }),
  z.strictObject({
    id: idSchema,
    on: z.literal('rewrite').describe('Sends another prompt in its place.'),
    replace: z
      .record(z.string().min(1), z.string())
      .optional()
      .describe('Words or phrases, in any case, and what stands for them.'),
    chat: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('A language model that rewrites: baseUrl, model, tokenEnv, …'),
    instruction: z.string().min(1).optional().describe('What the language model is told.'),
  }),
  z.looseObject({
    id: idSchema,
    on: z.literal('output').describe('Looks at the media that come back.'),
    use: z.string().min(1).describe('A detector that reads media.'),
    threshold: thresholdSchema,
    unsure: unsureSchema,
    regenerate: z
      .int()
      .min(0)
      .max(10)
      .default(0)
      .describe('How often another picture is asked for where all were blocked.'),
  }),
]);
export type Defence = z.output<typeof defenceSchema>;

/** Layers in the order in which they act. */
export const defencesSchema = z
  .array(defenceSchema)
  .min(1)
  .superRefine((layers, context) => {
    layers.forEach((layer, index) => {
      if (layers.findIndex(({ id }) => id === layer.id) < index) {
        const message = `another defence is called "${layer.id}" already`;
        context.addIssue({ code: 'custom', path: [index, 'id'], message });
      }
      if (layer.on === 'rewrite' && (layer.replace === undefined) === (layer.chat === undefined)) {
        const message = 'give either `replace` or `chat`';
        context.addIssue({ code: 'custom', path: [index], message });
      }
    });
  });

/** The signal of a refusal by a layer: `defence:<id>`. */
export const DEFENCE_SIGNAL = 'defence:';
