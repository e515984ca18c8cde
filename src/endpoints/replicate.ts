import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
  MediaPointer,
  ParseContext,
  Step,
} from './http-adapter.ts';
import { bearerKey } from './http-authorization.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import {
  completed,
  errorReply,
  errorWords,
  failed,
  refused,
  textsIn,
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';

// Verified 2026-11 against Replicate's documents (prediction lifecycle), the `replicate` client 1.4.0
// (routes, `Prefer: wait`) and published predictions: `error` with "… (E005)" and an id behind it,
// the texts of Cog models with a safety checker. Not verifiable without a key: whether a model takes
// `seed` or calls the number of pictures otherwise than `num_outputs`, which every model decides.

/** Options of the `replicate` endpoint, as a pipeline file writes them. */
export const replicateOptionsSchema = z.strictObject({
  baseUrl: httpUrlSchema.default('https://api.replicate.com/v1').describe('The API.'),
  tokenEnv: environmentVariableSchema
    .default('REPLICATE_API_TOKEN')
    .describe('Environment variable with the token.'),
  model: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+(:[\w.-]+)?$/, 'expected owner/name or owner/name:version')
    .describe('An official model as owner/name; any other as owner/name:version, which pins it.'),
  modality: z.enum(['image', 'video']).default('image').describe('What the model makes.'),
  disableSafetyChecker: z
    .boolean()
    .optional()
    .describe('For models with a checker of their own, sent as `disable_safety_checker`.'),
  safetyTolerance: z
    .int()
    .min(0)
    .max(6)
    .optional()
    .describe('For FLUX models, sent as `safety_tolerance`; low is strict.'),
  countField: z
    .string()
    .min(1)
    .default('num_outputs')
    .describe("The model's input for the number of media; sent where `count` is above 1."),
  sendSeed: z.boolean().default(true).describe('Off for models without a `seed` input.'),
  wait: z
    .boolean()
    .default(true)
    .describe('Lets the first reply wait up to a minute for the result (`Prefer: wait`).'),
  parameters: parametersSchema.default({}).describe('Further inputs of the model.'),
  ...httpOptionsShape,
});
export type ReplicateOptions = z.output<typeof replicateOptionsSchema>;

const predictionSchema = z.looseObject({
  id: z.string(),
  status: z.unknown().optional(),
  output: z.unknown().optional(),
  error: z.unknown().optional(),
  version: z.string().nullish().catch(undefined),
});
type Prediction = z.infer<typeof predictionSchema>;

const modelSchema = z.looseObject({
  latest_version: z.looseObject({ id: z.string() }).nullish().catch(undefined),
});

/** Replicate: a prediction, asked for until it has ended. */
export const replicate: HttpAdapter<ReplicateOptions> = {
  protocol: 'replicate',
  describe,
  buildRequest,
  parseResponse,
  probe: {
    buildCall: ({ model }) => {
      const [name = '', version] = model.split(':');
      const url = `models/${name}${version === undefined ? '' : `/versions/${version}`}`;
      return { name: 'probe', method: 'GET', url };
    },
    parse: (reply, { model }) => {
      const body = reply.body.kind === 'json' ? modelSchema.safeParse(reply.body.value) : undefined;
      const latest = body?.success ? body.data.latest_version?.id : undefined;
      return { kind: 'ok', revision: versionOf(model) ?? latest };
    },
  },
};

/** A model on Replicate as an endpoint. */
export const createReplicateEndpoint = endpointFactory(replicate);

function describe(options: ReplicateOptions): HttpAdapterDescription {
  const { parameters, safetySettings } = partSafety(fixedInputs(options));
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: bearerKey(options.tokenEnv),
    parameters: { model: options.model, ...parameters },
    safetySettings,
    revision: versionOf(options.model) ?? null,
    takesSeed: options.sendSeed,
  };
}

function versionOf(model: string): string | undefined {
  return model.split(':')[1];
}

/** The model's inputs beside prompt and seed. */
function fixedInputs(options: ReplicateOptions) {
  return {
    ...(options.count > 1 ? { [options.countField]: options.count } : {}),
    disable_safety_checker: options.disableSafetyChecker,
    safety_tolerance: options.safetyTolerance,
    ...options.parameters,
  };
}

function buildRequest(options: ReplicateOptions, request: GenerationRequest): HttpCall {
  const version = versionOf(options.model);
  return {
    name: 'submit',
    method: 'POST',
    url: version === undefined ? `models/${options.model}/predictions` : 'predictions',
    ...(options.wait ? { headers: { prefer: 'wait' } } : {}),
    body: {
      kind: 'json',
      value: {
        version,
        input: {
          ...fixedInputs(options),
          prompt: request.promptText,
          seed: options.sendSeed ? request.seed : undefined,
        },
      },
    },
  };
}

function parseResponse(reply: HttpReply, _context: ParseContext<ReplicateOptions>): Step {
  if (reply.status >= 400) return errorReply(reply);
  const parsed = predictionSchema.safeParse(
    reply.body.kind === 'json' ? reply.body.value : undefined,
  );
  if (!parsed.success) return unexpectedShape();
  const prediction = parsed.data;
  switch (prediction.status) {
    case 'starting':
    case 'processing':
      return {
        kind: 'poll',
        call: { name: 'status', method: 'GET', url: `predictions/${prediction.id}` },
        jobId: prediction.id,
      };
    case 'succeeded':
      return readOutput(prediction);
    case 'failed':
      return readFailure(prediction);
    case 'canceled':
      // By a person, or by its own deadline: nothing tells which.
      return failed({ cause: 'unknown', signal: 'canceled' });
    case 'aborted':
      return failed({ cause: 'timeout', signal: 'aborted' });
    default:
      return unknownStatus(prediction.status);
  }
}

/** One address, a list of them, or an object that holds them: each model has an output of its own. */
function readOutput({ output, version }: Prediction): Step {
  const texts = textsIn(output);
  const media = texts.filter(isAddress).map((url): MediaPointer => ({ kind: 'url', url }));
  return completed(undefined, {
    media,
    // Language models answer in pieces.
    words: [texts.filter((text) => !isAddress(text)).join('')],
    // Official models say `hidden`.
    revision: version !== 'hidden' ? (version ?? undefined) : undefined,
  });
}

function isAddress(text: string): boolean {
  return /^(https?:|data:)/i.test(text);
}

function readFailure({ error }: Prediction): Step {
  // "The input or output was flagged as sensitive": a code, and no word of where.
  return textsIn(error).some((text) => /\(E005\)/.test(text))
    ? refused({ mode: 'hard', stage: 'unknown', signal: 'E005' })
    : errorWords(error);
}
