import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
  ParseContext,
  Step,
} from './http-adapter.ts';
import { keyInHeader } from './http-authorization.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import {
  completed,
  errorReply,
  errorWords,
  jobUnknown,
  refused,
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';

// Verified 2026-11 against docs.bfl.ai (errors, regional endpoints, FLUX.2 [pro] reference) and
// published answers: `{id, polling_url, cost, input_mp, output_mp}`, then `{status, result, details}`
// with `details["Moderation Reasons"]`. A job may have to be polled at a regional host. One credit
// costs one cent.

const BFL_BASE_URL = 'https://api.bfl.ai/v1';
const USD_PER_CREDIT = 0.01;

/** Options of the `black-forest-labs` endpoint, as a pipeline file writes them. */
export const blackForestLabsOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema
      .default(BFL_BASE_URL)
      .describe('The API, or one of its regions such as https://api.eu.bfl.ai/v1.'),
    tokenEnv: environmentVariableSchema
      .default('BFL_API_KEY')
      .describe('Environment variable with the key.'),
    model: z
      .string()
      .regex(/^[\w.-]+$/, 'the last part of the route, such as flux-2-pro')
      .describe('Such as flux-2-pro; names without `-preview` are fixed snapshots.'),
    safetyTolerance: z
      .int()
      .min(0)
      .max(6)
      .optional()
      .describe('0 is the strictest; the upper end depends on the model.'),
    parameters: parametersSchema
      .default({})
      .describe('Further fields of the request body, such as width and height.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1, {
    message: 'this API makes one picture a request',
    path: ['count'],
  });
export type BlackForestLabsOptions = z.output<typeof blackForestLabsOptionsSchema>;

const submittedSchema = z.looseObject({
  id: z.string(),
  polling_url: z.string(),
  cost: z.number().nullish(),
});
const stateSchema = z.looseObject({
  status: z.unknown().optional(),
  result: z
    .looseObject({ sample: z.string().nullish(), prompt: z.string().nullish() })
    .nullish()
    .catch(undefined),
  cost: z.number().nullish().catch(undefined),
  details: z.unknown().optional(),
});

/** The API of Black Forest Labs: a job, and then its state until it is ready. */
export const blackForestLabs: HttpAdapter<BlackForestLabsOptions> = {
  protocol: 'black-forest-labs',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Black Forest Labs as an endpoint. */
export const createBlackForestLabsEndpoint = endpointFactory(blackForestLabs);

function describe(options: BlackForestLabsOptions): HttpAdapterDescription {
  const theirs = /(^|\.)bfl\.ai$/.test(new URL(options.baseUrl).hostname);
  const { parameters, safetySettings } = partSafety(fixedFields(options));
  return {
    modality: 'image',
    baseUrl: options.baseUrl,
    authorization: keyInHeader(options.tokenEnv, 'x-key'),
    ownHosts: theirs ? ['.bfl.ai'] : [],
    parameters: { model: options.model, ...parameters },
    safetySettings,
    revision: null,
    takesSeed: true,
  };
}

/** The body's fields beside prompt and seed. */
function fixedFields({ safetyTolerance, parameters }: BlackForestLabsOptions) {
  return { safety_tolerance: safetyTolerance, ...parameters };
}

function buildRequest(options: BlackForestLabsOptions, request: GenerationRequest): HttpCall {
  return {
    name: 'submit',
    method: 'POST',
    url: options.model,
    body: {
      kind: 'json',
      value: { ...fixedFields(options), prompt: request.promptText, seed: request.seed },
    },
  };
}

function parseResponse(reply: HttpReply, context: ParseContext<BlackForestLabsOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  // A lost job is answered with 404, and with the state in the body.
  const state = stateSchema.safeParse(body);
  const status = state.success ? state.data.status : undefined;
  if (reply.status >= 400 && typeof status !== 'string') return errorReply(reply);
  if (context.call === 'submit') {
    const submitted = submittedSchema.safeParse(body);
    if (!submitted.success) return reply.status >= 400 ? errorReply(reply) : unexpectedShape(body);
    const { id, polling_url: url, cost } = submitted.data;
    return {
      kind: 'poll',
      call: { name: 'status', method: 'GET', url },
      jobId: id,
      carry: { url, ...(typeof cost === 'number' ? { cost: String(cost) } : {}) },
    };
  }
  if (!state.success) return unexpectedShape(body);
  return readState(state.data, context.carry);
}

function readState(
  state: z.infer<typeof stateSchema>,
  carry: Readonly<Record<string, string>>,
): Step {
  const { status, result, details } = state;
  const credits = state.cost ?? (carry.cost === undefined ? undefined : Number(carry.cost));
  const costUsd = credits === undefined ? undefined : credits * USD_PER_CREDIT;
  switch (status) {
    case 'Pending':
    case 'Queued':
    case 'Processing':
      return {
        kind: 'poll',
        call: { name: 'status', method: 'GET', url: carry.url ?? '' },
        carry,
      };
    case 'Ready':
      return completed(details, {
        media: result?.sample ? [{ kind: 'url', url: result.sample }] : [],
        // After the API's own upsampling, where that is on.
        revisedPrompt: result?.prompt ?? undefined,
        costUsd,
      });
    case 'Request Moderated':
      return refused({ mode: 'hard', stage: 'prompt_filter', signal: status }, details);
    case 'Content Moderated':
      return refused({ mode: 'hard', stage: 'output_filter', signal: status }, details, {
        costUsd,
      });
    case 'Task not found':
      return jobUnknown(status, details);
    case 'Error':
    case 'Failed':
      return errorWords({ details, result });
    default:
      return unknownStatus(status, details);
  }
}
