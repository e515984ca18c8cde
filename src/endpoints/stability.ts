import { z } from 'zod';
import { scalarParametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
  MediaPointer,
} from './http-adapter.ts';
import { bearerKey } from './http-authorization.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { completed, errorReply, refused, unexpectedShape, unknownStatus } from './http-signals.ts';

// Verified 2026-11 against published OpenAPI descriptions of v2beta (`core`, `ultra`, `sd3`: multipart in,
// a picture or JSON with `finish_reason` out) and published answers, the 403 body of `content_moderation`
// among them, whose words say that the request was denied and not charged. Not verifiable: Stability's own
// reference was not at hand for the ranges of seeds.

const STABILITY_BASE_URL = 'https://api.stability.ai';
// 0 stands for a random seed, and 4294967295 is out of range.
const LARGEST_SEED = 4_294_967_294;

/** Options of the `stability` endpoint, as a pipeline file writes them. */
export const stabilityOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema.default(STABILITY_BASE_URL).describe('Where `v2beta/` lies.'),
    tokenEnv: environmentVariableSchema
      .default('STABILITY_API_KEY')
      .describe('Name of the environment variable that holds the key.'),
    service: z.enum(['core', 'ultra', 'sd3']).describe('Last part of the route.'),
    model: z.string().min(1).optional().describe('For `sd3`, such as sd3.5-large.'),
    aspectRatio: z.string().min(1).optional().describe('Such as 16:9.'),
    answer: z
      .enum(['picture', 'json'])
      .default('picture')
      .describe('What to ask for: the picture itself, or JSON that holds it.'),
    parameters: scalarParametersSchema.default({}).describe('Further fields of the form.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1, {
    message: 'this API makes one picture a request',
    path: ['count'],
  });
export type StabilityOptions = z.output<typeof stabilityOptionsSchema>;

const errorSchema = z.looseObject({ name: z.string() });
const answerSchema = z.looseObject({
  image: z.string().nullish(),
  finish_reason: z.string().nullish(),
});

/** Stability's own API for Stable Image and Stable Diffusion. */
export const stability: HttpAdapter<StabilityOptions> = {
  protocol: 'stability',
  describe,
  buildRequest,
  parseResponse,
};

/** A service of Stability as an endpoint. */
export const createStabilityEndpoint = endpointFactory(stability);

function describe(options: StabilityOptions): HttpAdapterDescription {
  const { parameters, safetySettings } = partSafety(fixedFields(options));
  return {
    modality: 'image',
    baseUrl: options.baseUrl,
    authorization: bearerKey(options.tokenEnv),
    parameters: { service: options.service, ...parameters },
    safetySettings,
    revision: null,
    takesSeed: true,
  };
}

/** The form's fields beside prompt and seed. */
function fixedFields({ model, aspectRatio, parameters }: StabilityOptions) {
  return { model, aspect_ratio: aspectRatio, output_format: 'png', ...parameters };
}

function buildRequest(options: StabilityOptions, request: GenerationRequest): HttpCall {
  const fields = Object.entries({
    ...fixedFields(options),
    prompt: request.promptText,
    seed: request.seed % (LARGEST_SEED + 1) || LARGEST_SEED,
  });
  return {
    name: 'submit',
    method: 'POST',
    url: `v2beta/stable-image/generate/${options.service}`,
    headers: { accept: options.answer === 'json' ? 'application/json' : 'image/*' },
    body: {
      kind: 'form',
      fields: Object.fromEntries(
        fields.flatMap(([name, value]) =>
          value === undefined || value === null ? [] : [[name, String(value)]],
        ),
      ),
    },
  };
}

function parseResponse(reply: HttpReply): DoneStep {
  const { body } = reply;
  if (body.kind === 'media') return readPicture(reply.headers['finish-reason'], [{ kind: 'body' }]);
  const value = body.kind === 'json' ? body.value : undefined;
  const error = errorSchema.safeParse(value);
  if (error.success && error.data.name === 'content_moderation') {
    // The request was denied before anything was made; only text is sent.
    return refused({ mode: 'hard', stage: 'prompt_filter', signal: error.data.name }, value);
  }
  if (reply.status >= 400 || error.success) return errorReply(reply);
  const answer = answerSchema.safeParse(value);
  if (!answer.success) return unexpectedShape(value);
  const { image, finish_reason: reason } = answer.data;
  if (!image && !reason) return unexpectedShape(value);
  return readPicture(reason ?? undefined, image ? [{ kind: 'base64', data: image }] : []);
}

/** A filtered picture comes blurred, with HTTP 200: it is kept, and counts as a refusal. */
function readPicture(reason: string | undefined, media: readonly MediaPointer[]): DoneStep {
  switch (reason) {
    case undefined:
    case 'SUCCESS':
      return completed(undefined, { media });
    case 'CONTENT_FILTERED':
      return refused({ mode: 'flagged', stage: 'output_filter', signal: reason }, undefined, {
        media,
      });
    default:
      return unknownStatus(reason);
  }
}
