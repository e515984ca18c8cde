import { z } from 'zod';
import type { Stage } from '../core/outcome.ts';
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
import { keyInHeader } from './http-authorization.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import {
  completed,
  errorReply,
  failed,
  refused,
  textsIn,
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';
import { raisedSafetyFlag } from './outcome-codes.ts';

// Verified 2026-11 against fal's documents (queue, inference API, model errors, request errors) and
// `@fal-ai/client` 1.10.1: status 202 while a job waits or runs, COMPLETED whatever came of it, the
// outcome in the HTTP status of the result; `content_policy_violation` with `loc` and `categories`.
// The body of an account without money ("User is locked. Reason: Exhausted balance", 403) is from
// published reports. Not verifiable without a key: which models take `seed` and `num_images`.

/** Options of the `fal` endpoint, as a pipeline file writes them. */
export const falOptionsSchema = z.strictObject({
  baseUrl: httpUrlSchema.default('https://queue.fal.run').describe('The queue.'),
  tokenEnv: environmentVariableSchema
    .default('FAL_KEY')
    .describe('Environment variable with the key.'),
  model: z
    .string()
    .regex(/^[\w.-]+(\/[\w.-]+)+$/, 'expected an id such as fal-ai/flux/dev')
    .describe('Such as fal-ai/flux/dev.'),
  modality: z.enum(['image', 'video']).default('image').describe('What the model makes.'),
  enableSafetyChecker: z
    .boolean()
    .optional()
    .describe('Sent as `enable_safety_checker`; models that have one switch it on by themselves.'),
  safetyTolerance: z
    .int()
    .min(1)
    .max(6)
    .optional()
    .describe('For models that take it, sent as `safety_tolerance`; 1 is the strictest.'),
  sendSeed: z.boolean().default(true).describe('Off for models without a seed.'),
  parameters: parametersSchema.default({}).describe('Further fields of the request body.'),
  ...httpOptionsShape,
});
export type FalOptions = z.output<typeof falOptionsSchema>;

const submittedSchema = z.looseObject({
  request_id: z.string(),
  status_url: z.string(),
  response_url: z.string(),
});
const stateSchema = z.looseObject({ status: z.unknown().optional() });
const issueSchema = z.looseObject({
  type: z.string(),
  loc: z.array(z.unknown()).catch([]),
  categories: z.array(z.unknown()).nullish().catch(undefined),
});
const fileSchema = z.looseObject({ url: z.string() });
const word = z.string().nullish().catch(undefined);
const resultSchema = z.looseObject({
  images: z.array(fileSchema).nullish().catch(undefined),
  image: fileSchema.nullish().catch(undefined),
  videos: z.array(fileSchema).nullish().catch(undefined),
  video: fileSchema.nullish().catch(undefined),
  has_nsfw_concepts: z.unknown().optional(),
  prompt: word,
  actual_prompt: word,
  revised_prompt: word,
});

/** fal's queue: a job, its state, and the result by itself. */
export const fal: HttpAdapter<FalOptions> = {
  protocol: 'fal',
  describe,
  buildRequest,
  parseResponse,
};

/** A model on fal as an endpoint. */
export const createFalEndpoint = endpointFactory(fal);

function describe(options: FalOptions): HttpAdapterDescription {
  const { parameters, safetySettings } = partSafety(fixedFields(options));
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: keyInHeader(options.tokenEnv, 'authorization', 'Key'),
    parameters: { model: options.model, ...parameters },
    safetySettings,
    revision: null,
    takesSeed: options.sendSeed,
  };
}

/** The body's fields beside prompt and seed. */
function fixedFields({ count, enableSafetyChecker, safetyTolerance, parameters }: FalOptions) {
  return {
    num_images: count > 1 ? count : undefined,
    enable_safety_checker: enableSafetyChecker,
    // fal's schemas have it as a word.
    safety_tolerance: safetyTolerance === undefined ? undefined : String(safetyTolerance),
    ...parameters,
  };
}

function buildRequest(options: FalOptions, request: GenerationRequest): HttpCall {
  return {
    name: 'submit',
    method: 'POST',
    url: options.model,
    body: {
      kind: 'json',
      value: {
        ...fixedFields(options),
        prompt: request.promptText,
        seed: options.sendSeed ? request.seed : undefined,
      },
    },
  };
}

function parseResponse(reply: HttpReply, { call, carry }: ParseContext<FalOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) return refusalIn(body) ?? lockedAccount(body) ?? errorReply(reply);
  switch (call) {
    case 'submit': {
      const submitted = submittedSchema.safeParse(body);
      if (!submitted.success) return unexpectedShape();
      // The routes of a job are not those of its model: fal asks to take them from here.
      const { request_id: jobId, status_url: url, response_url: resultUrl } = submitted.data;
      return pollState({ url, resultUrl }, jobId);
    }
    case 'status': {
      const state = stateSchema.safeParse(body);
      const status = state.success ? state.data.status : undefined;
      if (status === 'IN_QUEUE' || status === 'IN_PROGRESS') return pollState(carry);
      if (status !== 'COMPLETED') return unknownStatus(status);
      // Also said of jobs that failed: the result's own status tells.
      return {
        kind: 'poll',
        call: { name: 'result', method: 'GET', url: carry.resultUrl ?? '' },
        afterMs: 0,
        carry,
      };
    }
    default:
      return readResult(body);
  }
}

function pollState(carry: Readonly<Record<string, string>>, jobId?: string): Step {
  return {
    kind: 'poll',
    call: { name: 'status', method: 'GET', url: carry.url ?? '' },
    jobId,
    carry,
  };
}

function readResult(body: unknown): Step {
  const parsed = resultSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape();
  const result = parsed.data;
  const files = [result.images, result.image, result.videos, result.video].flat();
  const media = files.flatMap((file): MediaPointer[] =>
    file ? [{ kind: 'url', url: file.url }] : [],
  );
  const { has_nsfw_concepts, prompt, actual_prompt, revised_prompt, ...rest } = result;
  const revisedPrompt = actual_prompt ?? revised_prompt ?? prompt ?? undefined;
  const flag = raisedSafetyFlag({ has_nsfw_concepts });
  if (flag !== undefined) {
    const signal = { mode: 'flagged', stage: 'output_filter', signal: flag } as const;
    return refused(signal, undefined, { media, revisedPrompt });
  }
  return completed(undefined, {
    media,
    revisedPrompt,
    words: media.length > 0 ? [] : textsIn(rest),
  });
}

/** The refusal that an error's list of issues states by its type. */
function refusalIn(body: unknown): DoneStep | undefined {
  const detail = z.looseObject({ detail: z.unknown().optional() }).safeParse(body);
  const listed = Array.isArray(body) ? body : detail.success ? detail.data.detail : undefined;
  for (const entry of Array.isArray(listed) ? listed : []) {
    const issue = issueSchema.safeParse(entry);
    if (!issue.success || issue.data.type !== 'content_policy_violation') continue;
    return refused({ mode: 'hard', stage: stageOf(issue.data), signal: issue.data.type });
  }
  return undefined;
}

/** The model's own moderation has a category; fal's checker names the input that it read. */
function stageOf({ loc, categories }: z.infer<typeof issueSchema>): Stage {
  if (categories?.includes('model_moderated')) return 'model';
  return loc.includes('prompt') ? 'prompt_filter' : 'unknown';
}

/** An account without money is answered with 403, as is a wrong key. */
function lockedAccount(body: unknown): DoneStep | undefined {
  return textsIn(body).some((text) => /\b(exhausted balance|TOP_UP)\b/i.test(text))
    ? failed({ cause: 'quota', signal: 'exhausted balance' }, body)
    : undefined;
}
