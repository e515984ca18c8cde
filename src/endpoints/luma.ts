import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
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
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';

// Verified 2026-11 against Luma's documents (Agents API quickstart), a published schema of that API
// (states, `failure_code`) and the `lumaai` client 1.19.1 (Dream Machine, the older API). Dream Machine
// has no code, only a `failure_reason`; published ones are `content_moderated`, "Advanced moderation
// failed" and "failed to moderate image", of which only the first says that content was declined.
// Neither API takes a seed, or says where it moderated.

const APIS = {
  agents: { baseUrl: 'https://agents.lumalabs.ai/v1', tokenEnv: 'LUMA_AGENTS_API_KEY' },
  'dream-machine': {
    baseUrl: 'https://api.lumalabs.ai/dream-machine/v1',
    tokenEnv: 'LUMAAI_API_KEY',
  },
} as const;

/** Options of the `luma` endpoint, as a pipeline file writes them. */
export const lumaOptionsSchema = z
  .strictObject({
    api: z
      .enum(['agents', 'dream-machine'])
      .default('agents')
      .describe('The Agents API (uni-1, ray-3.2), or the older Dream Machine (ray-2, photon-1).'),
    baseUrl: httpUrlSchema.optional().describe("Default: the API's own address."),
    tokenEnv: environmentVariableSchema
      .optional()
      .describe('Environment variable with the key. Default: LUMA_AGENTS_API_KEY, LUMAAI_API_KEY.'),
    model: z.string().min(1).describe('Such as ray-3.2 or uni-1.'),
    modality: z.enum(['video', 'image']).default('video').describe('What the model makes.'),
    parameters: parametersSchema
      .default({})
      .describe('Further fields of the request body, such as aspect_ratio.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1, {
    message: 'this API is asked for one medium a request',
    path: ['count'],
  });
export type LumaOptions = z.output<typeof lumaOptionsSchema>;

const word = z.string().nullish().catch(undefined);
const generationSchema = z.looseObject({
  id: z.string(),
  state: z.unknown().optional(),
  failure_code: word,
  failure_reason: word,
  /** Of the Agents API. */
  output: z
    .array(z.looseObject({ url: word }))
    .nullish()
    .catch(undefined),
  /** Of Dream Machine. */
  assets: z.looseObject({ image: word, video: word }).nullish().catch(undefined),
});
type LumaGeneration = z.infer<typeof generationSchema>;

/** Luma's APIs: a generation, asked for until it has ended. */
export const luma: HttpAdapter<LumaOptions> = {
  protocol: 'luma',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Luma as an endpoint. */
export const createLumaEndpoint = endpointFactory(luma);

function describe(options: LumaOptions): HttpAdapterDescription {
  const { model, parameters } = options;
  const api = APIS[options.api];
  return {
    modality: options.modality,
    baseUrl: options.baseUrl ?? api.baseUrl,
    authorization: bearerKey(options.tokenEnv ?? api.tokenEnv),
    ...partSafety({ api: options.api, model, ...parameters }),
    revision: null,
    takesSeed: false,
  };
}

function buildRequest(options: LumaOptions, request: GenerationRequest): HttpCall {
  const { api, model, modality, parameters } = options;
  const fields = { model, ...parameters, prompt: request.promptText };
  return {
    name: 'submit',
    method: 'POST',
    url: api === 'agents' ? 'generations' : `generations/${modality}`,
    body: { kind: 'json', value: api === 'agents' ? { type: modality, ...fields } : fields },
  };
}

function parseResponse(reply: HttpReply, { options }: ParseContext<LumaOptions>): Step {
  if (reply.status >= 400) return errorReply(reply);
  const parsed = generationSchema.safeParse(
    reply.body.kind === 'json' ? reply.body.value : undefined,
  );
  if (!parsed.success) return unexpectedShape();
  const generation = parsed.data;
  switch (generation.state) {
    case 'queued':
    case 'processing':
    case 'dreaming':
      return {
        kind: 'poll',
        call: { name: 'status', method: 'GET', url: `generations/${generation.id}` },
        jobId: generation.id,
      };
    case 'completed':
      return completed(undefined, { media: mediaOf(generation, options) });
    case 'failed':
      return readFailure(generation);
    default:
      return unknownStatus(generation.state);
  }
}

function mediaOf({ output, assets }: LumaGeneration, { modality }: LumaOptions): MediaPointer[] {
  const urls = [...(output ?? []).map(({ url }) => url), assets?.[modality]];
  return urls.flatMap((url) => (url ? [{ kind: 'url', url }] : []));
}

function readFailure({ failure_code: code, failure_reason: reason }: LumaGeneration): DoneStep {
  const said = code ?? reason ?? '';
  switch (said) {
    case 'content_moderated':
      return refused({ mode: 'hard', stage: 'unknown', signal: said });
    case 'budget_exhausted':
      return failed({ cause: 'quota', signal: said });
    case 'output_not_found':
      return failed({ cause: 'no_media', signal: said });
    default:
      return errorWords(reason ?? code);
  }
}
