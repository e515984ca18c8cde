import { z } from 'zod';
import { MODALITIES, type Modality } from '../core/prompt.ts';
import { type Parameters, parametersSchema } from '../core/trial.ts';
import { DEFAULT_MEDIA_LIMITS } from '../media/media.ts';
import { GRADIO_PRESET_NAMES, GRADIO_PRESETS, type GradioPresetName } from './gradio-presets.ts';

const DEFAULT_MODALITY: Modality = 'image';
const DEFAULT_TIMEOUT_MS = 180_000;

const variableSchema = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'the name of an environment variable, not the secret itself');

const apiSchema = z.union([z.string().regex(/^\/?[^/\s]+$/), z.int().nonnegative()]);

/** Options of the `gradio` endpoint, as a pipeline file writes them. */
export const gradioOptionsSchema = z
  .strictObject({
    preset: z
      .enum(GRADIO_PRESET_NAMES)
      .optional()
      .describe('A known Space. Options beside it win; with `url`, a copy of it elsewhere.'),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Address of the app, such as http://127.0.0.1:7860. Either this or `space`.'),
    space: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'expected owner/name')
      .optional()
      .describe('A Hugging Face Space, owner/name.'),
    api: apiSchema
      .optional()
      .describe('Name of the function, such as /infer. Default: the only one that takes a prompt.'),
    modality: z
      .enum(MODALITIES)
      .optional()
      .describe('What comes back. Default: image, or what the preset says.'),
    tokenEnv: variableSchema
      .optional()
      .describe('Name of the environment variable that holds the token.'),
    auth: z
      .strictObject({ userEnv: variableSchema, passwordEnv: variableSchema })
      .optional()
      .describe("For an app with Gradio's own login: the variables that hold user and password."),
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
    poll: z
      .strictObject({
        api: apiSchema.describe('The function that tells how the job stands.'),
        everyMs: z.int().min(10).max(600_000).default(10_000).describe('Wait between two calls.'),
        until: z
          .strictObject({
            output: z.int().nonnegative().describe('Which of its outputs, counted from 0.'),
            equals: z
              .union([z.string(), z.number(), z.boolean()])
              .describe('The value at the end.'),
          })
          .optional()
          .describe('How the end is known. Default: an output holds media.'),
      })
      .optional()
      .describe('For an app that takes the prompt at once and shows the media later on request.'),
    count: z.int().min(1).max(64).default(1).describe('Media that one request asks for.'),
    timeoutMs: z
      .int()
      .min(1)
      .max(3_600_000)
      .optional()
      .describe(
        'For one attempt, from the request to the last byte of media. Default: 180,000, or what the preset says.',
      ),
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
  .transform(withPreset)
  .refine((options) => (options.url === undefined) !== (options.space === undefined), {
    message: 'give either `url` or `space`, or a `preset`',
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
/** What the schema hands to {@link withPreset}. */
interface WrittenOptions {
  readonly preset?: GradioPresetName | undefined;
  readonly url?: string | undefined;
  readonly space?: string | undefined;
  readonly api?: string | number | undefined;
  readonly modality?: Modality | undefined;
  readonly parameters: Parameters;
  readonly mapping: Readonly<Record<string, string>>;
  readonly positional?: (string | number | boolean | null)[] | undefined;
  readonly poll?: PollOptions | undefined;
  readonly timeoutMs?: number | undefined;
}

interface PollOptions {
  readonly api: string | number;
  readonly everyMs: number;
  readonly until?:
    | { readonly output: number; readonly equals: string | number | boolean }
    | undefined;
}

/** Fills in what the preset and the defaults say; what was written wins, key by key. */
function withPreset<Written extends WrittenOptions>(written: Written) {
  const preset = written.preset === undefined ? undefined : GRADIO_PRESETS[written.preset];
  const { parameters, mapping } = written;
  const named = Object.keys(parameters).length > 0 || Object.keys(mapping).length > 0;
  // A list of values and names exclude each other, so a written one puts the preset's other away.
  const byName = written.positional === undefined;
  const positional =
    written.positional ??
    (named || preset?.positional === undefined ? undefined : [...preset.positional]);
  return {
    ...written,
    space: written.space ?? (written.url === undefined ? preset?.space : undefined),
    api: written.api ?? preset?.api,
    modality: written.modality ?? preset?.modality ?? DEFAULT_MODALITY,
    parameters: byName ? { ...preset?.parameters, ...parameters } : parameters,
    mapping: byName ? { ...preset?.mapping, ...mapping } : mapping,
    positional,
    poll: written.poll ?? preset?.poll,
    timeoutMs: written.timeoutMs ?? preset?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

export type GradioOptions = z.output<typeof gradioOptionsSchema>;
