import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpProbe,
  HttpReply,
  ParseContext,
} from './http-adapter.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { completed, errorReply, unexpectedShape } from './http-signals.ts';

// Verified 2026-11 against AUTOMATIC1111's `modules/api/api.py` and `modules/processing.py`: `{images,
// parameters, info}`, `info` being JSON in a text with `index_of_first_image` (1 where a grid leads);
// a grid comes only where `save_images` or a script asks for one; basic authentication; errors as
// `{error, detail, body, errors}`. Not run against Forge or SD.Next, which keep these routes; where
// they leave out `index_of_first_image`, one picture more than asked for is taken for the grid.
// None of the three has a word for a refusal: a checker that an extension adds shows in pixels alone.

/** Options of the `automatic1111` endpoint, as a pipeline file writes them. */
export const automatic1111OptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema
      .default('http://127.0.0.1:7860')
      .describe('The web UI, started with --api.'),
    userEnv: environmentVariableSchema
      .optional()
      .describe('Environment variable with the user of --api-auth.'),
    passwordEnv: environmentVariableSchema
      .optional()
      .describe('Environment variable with the password of --api-auth.'),
    model: z
      .string()
      .min(1)
      .optional()
      .describe('Checkpoint, for `override_settings`; without it the one that is loaded.'),
    overrideSettings: parametersSchema
      .default({})
      .describe('Settings of the web UI for these requests alone.'),
    alwaysonScripts: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Extensions with their `args`, as the API takes them.'),
    parameters: parametersSchema
      .default({})
      .describe('Further fields of the request, such as width, height, steps, negative_prompt.'),
    ...httpOptionsShape,
  })
  .refine(({ userEnv, passwordEnv }) => (userEnv === undefined) === (passwordEnv === undefined), {
    message: 'basic authentication needs `userEnv` and `passwordEnv`',
    path: ['passwordEnv'],
  });
export type Automatic1111Options = z.output<typeof automatic1111OptionsSchema>;

const answerSchema = z.looseObject({
  images: z.array(z.string().nullish()),
  info: z.string().nullish().catch(undefined),
});
const settingsSchema = z.looseObject({ sd_model_checkpoint: z.string().nullish() });

/** The txt2img route of AUTOMATIC1111's web UI, Forge and SD.Next. */
export const automatic1111: HttpAdapter<Automatic1111Options> = {
  protocol: 'automatic1111',
  describe,
  buildRequest,
  parseResponse,
  probe: createProbe(),
};

/** A Stable Diffusion web UI as an endpoint. */
export const createAutomatic1111Endpoint = endpointFactory(automatic1111);

function describe(options: Automatic1111Options): HttpAdapterDescription {
  const { userEnv, passwordEnv, alwaysonScripts, count, parameters } = options;
  const scripts = Object.entries(alwaysonScripts).map(
    ([name, value]) => [`alwayson_scripts.${name}`, JSON.stringify(value)] as const,
  );
  return {
    modality: 'image',
    baseUrl: options.baseUrl,
    authorization: {
      variables:
        userEnv === undefined || passwordEnv === undefined
          ? {}
          : { user: userEnv, password: passwordEnv },
      headers: ({ user = '', password = '' }) => ({
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      }),
    },
    ...partSafety({
      batch_size: count,
      ...parameters,
      ...settingsOf(options),
      ...Object.fromEntries(scripts),
    }),
    revision: null,
    takesSeed: true,
    notice: 'has no words for refusals: a checker shows in the pictures alone',
  };
}

function settingsOf({ model, overrideSettings }: Automatic1111Options) {
  return { ...overrideSettings, ...(model === undefined ? {} : { sd_model_checkpoint: model }) };
}

function buildRequest(options: Automatic1111Options, request: GenerationRequest): HttpCall {
  const settings = settingsOf(options);
  const { alwaysonScripts, count, parameters } = options;
  return {
    name: 'submit',
    method: 'POST',
    url: 'sdapi/v1/txt2img',
    body: {
      kind: 'json',
      value: {
        batch_size: count,
        ...parameters,
        ...(Object.keys(settings).length === 0 ? {} : { override_settings: settings }),
        ...(Object.keys(alwaysonScripts).length === 0 ? {} : { alwayson_scripts: alwaysonScripts }),
        prompt: request.promptText,
        seed: request.seed,
      },
    },
  };
}

function parseResponse(
  reply: HttpReply,
  { options }: ParseContext<Automatic1111Options>,
): DoneStep {
  if (reply.status >= 400) return errorReply(reply);
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape();
  const { images, info } = parsed.data;
  const first = firstPicture(info) ?? (images.length === options.count + 1 ? 1 : 0);
  // Beyond the asked ones some extensions return what they looked at, such as depth maps.
  const media = images
    .slice(first, first + options.count)
    .flatMap((data) => (data ? [pointerTo(data)] : []));
  // `parameters` and `info` echo the prompt, so that nothing of them is searched for codes.
  return completed(undefined, { media });
}

function pointerTo(data: string) {
  return data.startsWith('data:')
    ? { kind: 'url' as const, url: data }
    : { kind: 'base64' as const, data };
}

/** Read without parsing: in recorded evidence a long text is cut. */
function firstPicture(info: string | null | undefined): number | undefined {
  const [, index] = /"index_of_first_image":\s*(\d{1,3})\b/.exec(info ?? '') ?? [];
  return index === undefined ? undefined : Number(index);
}

/** The loaded checkpoint, which ends in its hash: "v1-5.safetensors [6ce0161689]". */
function createProbe(): HttpProbe<Automatic1111Options> {
  return {
    buildCall: () => ({ name: 'probe', method: 'GET', url: 'sdapi/v1/options' }),
    parse: (reply, { model }) => {
      const body = reply.body.kind === 'json' ? reply.body.value : undefined;
      const parsed = settingsSchema.safeParse(body);
      const loaded = parsed.success ? parsed.data.sd_model_checkpoint : undefined;
      return model === undefined && loaded ? { kind: 'ok', revision: loaded } : { kind: 'ok' };
    },
  };
}
