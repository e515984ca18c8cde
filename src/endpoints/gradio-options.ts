import { z } from 'zod';
import { MODALITIES } from '../core/prompt.ts';
import { parametersSchema } from '../core/trial.ts';
import { DEFAULT_MEDIA_LIMITS } from '../media/media.ts';

/** Options of the `gradio` endpoint, as a pipeline file writes them. */
export const gradioOptionsSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address of the app, such as http://127.0.0.1:7860. Either this or `space`.'),
    space: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name')
      .optional()
      .describe('A Hugging Face Space, owner/name.'),
    api: z
      .union([z.string().regex(/^\/?[^/\s]+$/), z.int().nonnegative()])
      .optional()
      .describe('Name of the function, such as /infer. Default: the only one that takes a prompt.'),
    modality: z.enum(MODALITIES).default('image').describe('What comes back.'),
    tokenEnv: z
      .string()
      .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable, not the token itself')
      .optional()
      .describe('Name of the environment variable that holds the token.'),
    parameters: parametersSchema
      .default({})
      .describe('Fixed values by parameter name. The rest are the defaults of the app.'),
    mapping: z
      .record(z.string().min(1), z.string().min(1))
      .default({})
      .describe('Parameter names of the app for `prompt`, `seed` and keys of `parameters`.'),
    positional: z
      .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .optional()
      .describe('All values in order, where names do not help: "$prompt" and "$seed" are put in.'),
    count: z.int().min(1).max(64).default(1).describe('Media that one request asks for.'),
    timeoutMs: z
      .int()
      .min(1)
      .max(3_600_000)
      .default(180_000)
      .describe('For one attempt, from the request to the last byte of media.'),
    coldStartMs: z
      .int()
      .min(1)
      .max(3_600_000)
      .default(120_000)
      .describe('For a sleeping app to wake up and tell its schema.'),
    maxAttempts: z.int().min(1).max(10).default(3).describe('Attempts where a server is busy.'),
    maxMediaBytes: z
      .int()
      .min(1)
      .default(DEFAULT_MEDIA_LIMITS.maxBytes)
      .describe('Largest medium that is taken.'),
  })
  .refine((options) => (options.url === undefined) !== (options.space === undefined), {
    message: 'give either `url` or `space`',
  })
  .refine((options) => options.positional === undefined || options.positional.includes('$prompt'), {
    message: '`positional` needs a "$prompt"',
    path: ['positional'],
  })
  .refine(
    (options) =>
      options.positional === undefined ||
      (Object.keys(options.parameters).length === 0 && Object.keys(options.mapping).length === 0),
    {
      message: '`positional` stands alone, without `parameters` and `mapping`',
      path: ['positional'],
    },
  );
export type GradioOptions = z.output<typeof gradioOptionsSchema>;
