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

// Verified 2026-11 against Runway's documents (task failures, content moderation) and `@runwayml/sdk`
// 4.20.1 (routes, version header, states, `cost.credits`). From published tasks, not from documents:
// `INPUT_PREPROCESSING.SAFETY.TEXT` and `….THIRD_PARTY`, and the words of an empty account, which is
// answered with 400. One credit costs one cent; moderated tasks are billed.

const RUNWAY_VERSION = '2024-11-06';
const USD_PER_CREDIT = 0.01;
// Runway asks not to poll a task more often.
const POLL_INTERVAL_MS = 5_000;

/** Options of the `runway` endpoint, as a pipeline file writes them. */
export const runwayOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema.default('https://api.dev.runwayml.com').describe('The API.'),
    tokenEnv: environmentVariableSchema
      .default('RUNWAYML_API_SECRET')
      .describe('Environment variable with the key.'),
    model: z.string().min(1).describe('Such as gen4.5, or gen4_image for pictures.'),
    modality: z.enum(['video', 'image']).default('video').describe('What the model makes.'),
    ratio: z.string().min(1).optional().describe('Such as 1280:720; most models want one.'),
    durationSec: z.number().positive().optional().describe('Of the video, in seconds.'),
    publicFigureThreshold: z
      .enum(['auto', 'low'])
      .optional()
      .describe('`low` is less strict on public figures; sent in `contentModeration`.'),
    sendSeed: z.boolean().default(true).describe('Off for models without a seed.'),
    parameters: parametersSchema.default({}).describe('Further fields of the request body.'),
    ...httpOptionsShape,
    pollIntervalMs: httpOptionsShape.pollIntervalMs.default(POLL_INTERVAL_MS),
  })
  .refine((options) => options.count === 1, {
    message: 'this API is asked for one medium a request',
    path: ['count'],
  });
export type RunwayOptions = z.output<typeof runwayOptionsSchema>;

const taskSchema = z.looseObject({
  id: z.string(),
  status: z.unknown().optional(),
  output: z.array(z.string()).nullish().catch(undefined),
  failure: z.string().nullish().catch(undefined),
  failureCode: z.string().nullish().catch(undefined),
  cost: z
    .looseObject({ credits: z.number().min(0) })
    .nullish()
    .catch(undefined),
});
type Task = z.infer<typeof taskSchema>;

/** Runway's API: a task, asked for until it has ended. */
export const runway: HttpAdapter<RunwayOptions> = {
  protocol: 'runway',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Runway as an endpoint. */
export const createRunwayEndpoint = endpointFactory(runway);

function describe(options: RunwayOptions): HttpAdapterDescription {
  const { model, ratio, durationSec: duration, publicFigureThreshold, parameters } = options;
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: bearerKey(options.tokenEnv),
    ...partSafety({
      model,
      ratio,
      duration,
      'contentModeration.publicFigureThreshold': publicFigureThreshold,
      ...parameters,
    }),
    revision: null,
    takesSeed: options.sendSeed,
    notice:
      'moderated tasks are billed, and too many of them suspend the account: set `maxRefusals`',
  };
}

function buildRequest(options: RunwayOptions, request: GenerationRequest): HttpCall {
  const { publicFigureThreshold } = options;
  return {
    name: 'submit',
    method: 'POST',
    url: options.modality === 'video' ? 'v1/text_to_video' : 'v1/text_to_image',
    headers: { 'x-runway-version': RUNWAY_VERSION },
    body: {
      kind: 'json',
      value: {
        model: options.model,
        ratio: options.ratio,
        duration: options.durationSec,
        contentModeration:
          publicFigureThreshold === undefined ? undefined : { publicFigureThreshold },
        ...options.parameters,
        promptText: request.promptText,
        seed: options.sendSeed ? request.seed : undefined,
      },
    },
  };
}

function parseResponse(reply: HttpReply, { call }: ParseContext<RunwayOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) {
    return textsIn(body).some((text) => /\bnot have enough credits\b/i.test(text))
      ? failed({ cause: 'quota', signal: 'not enough credits' }, body)
      : errorReply(reply);
  }
  const parsed = taskSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape();
  return call === 'submit' ? poll(parsed.data.id) : readTask(parsed.data);
}

function poll(id: string): Step {
  return {
    kind: 'poll',
    call: {
      name: 'status',
      method: 'GET',
      url: `v1/tasks/${id}`,
      headers: { 'x-runway-version': RUNWAY_VERSION },
    },
    jobId: id,
  };
}

function readTask(task: Task): Step {
  const credits = task.cost?.credits;
  const costUsd = credits === undefined ? undefined : credits * USD_PER_CREDIT;
  switch (task.status) {
    case 'PENDING':
    case 'RUNNING':
    // Waits for a place among the account's own tasks.
    case 'THROTTLED':
      return poll(task.id);
    case 'SUCCEEDED': {
      const media = (task.output ?? []).map((url): MediaPointer => ({ kind: 'url', url }));
      return completed(undefined, { media, costUsd });
    }
    case 'FAILED':
      return { ...readFailure(task), costUsd };
    case 'CANCELLED':
      return { ...failed({ cause: 'unknown', signal: task.status }), costUsd };
    default:
      return unknownStatus(task.status);
  }
}

function readFailure({ failure, failureCode }: Task): ReturnType<typeof failed> {
  const code = failureCode ?? '';
  if (/^(INPUT_PREPROCESSING\.)?SAFETY\b/.test(code)) {
    return refused({ mode: 'hard', stage: stageOf(code), signal: code });
  }
  // `INTERNAL.BAD_OUTPUT` is quality, `INTERNAL` a machine, `THIRD_PARTY` somebody else's machine.
  return code === '' ? errorWords(failure) : failed({ cause: causeOf(code), signal: code });
}

function stageOf(code: string): 'prompt_filter' | 'output_filter' | 'unknown' {
  if (/^SAFETY\.INPUT\b|\.SAFETY\.TEXT$/.test(code)) return 'prompt_filter';
  return code.startsWith('SAFETY.OUTPUT') ? 'output_filter' : 'unknown';
}

function causeOf(code: string): 'bad_request' | 'unknown' {
  return /^ASSET\.INVALID|INPUT_VALIDATION/.test(code) ? 'bad_request' : 'unknown';
}
