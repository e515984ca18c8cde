import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { FailureCause } from '../core/outcome.ts';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpAuthorization,
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
  jobUnknown,
  refused,
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';

// Verified 2026-11 against published copies of Kling's API reference (authentication, codes, states,
// text to video, image generation) and code that handles its answers: a task that failed with
// "Failure to pass the risk control system", and the shapes of the newer routes (`/text-to-video/{model}`,
// `/tasks`). Kling's own site was not readable. The message does not tell whether prompt or video failed.

// What Kling's documents sign with: half an hour, from five seconds ago for clocks that differ.
const TOKEN_SECONDS = 1_800;
const CLOCK_SKEW_SECONDS = 5;

/** Options of the `kling` endpoint, as a pipeline file writes them. */
export const klingOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema
      .default('https://api-singapore.klingai.com')
      .describe('The API; within China https://api-beijing.klingai.com.'),
    accessKeyEnv: environmentVariableSchema
      .default('KLING_ACCESS_KEY')
      .describe('Environment variable with the access key.'),
    secretKeyEnv: environmentVariableSchema
      .default('KLING_SECRET_KEY')
      .describe('Environment variable with the secret key, which signs a token for each call.'),
    apiKeyEnv: environmentVariableSchema
      .optional()
      .describe('Environment variable with an API key, in place of the pair.'),
    routes: z
      .enum(['v1', 'tasks'])
      .default('v1')
      .describe('`v1` for models up to kling-v2-6, `tasks` for kling-3.0 and later (video).'),
    model: z
      .string()
      .regex(/^[\w.-]+$/)
      .describe('Such as kling-v2-6.'),
    modality: z.enum(['video', 'image']).default('video').describe('What the model makes.'),
    parameters: parametersSchema
      .default({})
      .describe('Further fields, such as mode, duration and aspect_ratio.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1 || options.modality === 'image', {
    message: 'one video a request',
    path: ['count'],
  })
  .refine((options) => options.routes === 'v1' || options.modality === 'video', {
    message: 'the `tasks` routes make video here',
    path: ['routes'],
  });
export type KlingOptions = z.output<typeof klingOptionsSchema>;

const word = z.string().nullish().catch(undefined);
const filesSchema = z
  .array(z.looseObject({ url: word }))
  .nullish()
  .catch(undefined);
const taskSchema = z.looseObject({
  task_id: word,
  task_status: z.unknown().optional(),
  task_status_msg: word,
  task_result: z
    .looseObject({ videos: filesSchema, images: filesSchema })
    .nullish()
    .catch(undefined),
  /** The same in the newer routes. */
  id: word,
  status: z.unknown().optional(),
  message: word,
  outputs: filesSchema,
  billing: z
    .array(z.looseObject({ charge_type: word, amount: word, currency: word }))
    .nullish()
    .catch(undefined),
});
type Task = z.infer<typeof taskSchema>;
const answerSchema = z.looseObject({
  code: z.number(),
  message: word,
  data: z.unknown().optional(),
});

/** Kling's API: a task, asked for until it has ended. */
export const kling: HttpAdapter<KlingOptions> = {
  protocol: 'kling',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Kling as an endpoint. */
export const createKlingEndpoint = endpointFactory(kling);

function describe(options: KlingOptions): HttpAdapterDescription {
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: authorizationOf(options),
    ...partSafety({
      model: options.model,
      n: options.modality === 'image' ? options.count : undefined,
      ...options.parameters,
    }),
    revision: null,
    takesSeed: false,
  };
}

function authorizationOf({
  apiKeyEnv,
  accessKeyEnv,
  secretKeyEnv,
}: KlingOptions): HttpAuthorization {
  if (apiKeyEnv !== undefined) {
    return bearerKey(apiKeyEnv);
  }
  return {
    variables: { accessKey: accessKeyEnv, secretKey: secretKeyEnv },
    headers: ({ accessKey = '', secretKey = '' }, { at }) => ({
      authorization: `Bearer ${signKlingToken(accessKey, secretKey, at)}`,
    }),
  };
}

/** A JSON Web Token (RFC 7519, HS256) as Kling wants it: issuer, expiry, not before. Pure. */
export function signKlingToken(accessKey: string, secretKey: string, at: Date): string {
  const nowSeconds = Math.floor(at.getTime() / 1_000);
  const signed = [
    { alg: 'HS256', typ: 'JWT' },
    { iss: accessKey, exp: nowSeconds + TOKEN_SECONDS, nbf: nowSeconds - CLOCK_SKEW_SECONDS },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', secretKey).update(signed).digest('base64url')}`;
}

function routeOf({ routes, modality, model }: KlingOptions): string {
  if (routes === 'tasks') return `text-to-video/${model}`;
  return modality === 'video' ? 'v1/videos/text2video' : 'v1/images/generations';
}

function buildRequest(options: KlingOptions, request: GenerationRequest): HttpCall {
  const { parameters } = options;
  const prompt = request.promptText;
  return {
    name: 'submit',
    method: 'POST',
    url: routeOf(options),
    body: {
      kind: 'json',
      value:
        options.routes === 'tasks'
          ? { prompt, settings: parameters }
          : {
              model_name: options.model,
              n: options.modality === 'image' ? options.count : undefined,
              ...parameters,
              prompt,
            },
    },
  };
}

function parseResponse(reply: HttpReply, { options, call }: ParseContext<KlingOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return reply.status >= 400 ? errorReply(reply) : unexpectedShape();
  const { code, message, data } = parsed.data;
  if (code === 1203 && call === 'status') return jobUnknown(`code ${code}`);
  if (code !== 0) return readCode(code, message);
  if (reply.status >= 400) return errorReply(reply);
  if (call === 'status' && Array.isArray(data) && data.length === 0) {
    return jobUnknown('an empty list of tasks');
  }
  const task = taskSchema.safeParse(Array.isArray(data) ? data[0] : data);
  if (!task.success) return unexpectedShape();
  const id = task.data.task_id ?? task.data.id;
  switch (task.data.task_status ?? task.data.status) {
    case 'submitted':
    case 'processing':
      return id ? poll(options, id) : unexpectedShape();
    case 'succeed':
    case 'succeeded':
      return completed(undefined, { media: mediaOf(task.data), costUsd: costOf(task.data) });
    case 'failed':
      return readFailure(task.data.task_status_msg ?? task.data.message ?? undefined);
    default:
      return unknownStatus(task.data.task_status ?? task.data.status ?? `of a ${call} reply`);
  }
}

function poll(options: KlingOptions, id: string): Step {
  const url = options.routes === 'tasks' ? `tasks?task_ids=${id}` : `${routeOf(options)}/${id}`;
  return { kind: 'poll', call: { name: 'status', method: 'GET', url }, jobId: id };
}

function mediaOf({ task_result: result, outputs }: Task): MediaPointer[] {
  const files = [...(result?.videos ?? []), ...(result?.images ?? []), ...(outputs ?? [])];
  return files.flatMap(({ url }) => (url ? [{ kind: 'url', url }] : []));
}

/** Units of a package have no price of their own; cash may be yuan. */
function costOf({ billing }: Task): number | undefined {
  const amounts = (billing ?? []).map(({ charge_type: type, amount, currency }) =>
    type === 'cash' && currency === 'USD' ? Number.parseFloat(amount ?? '') : Number.NaN,
  );
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  return amounts.length > 0 && Number.isFinite(sum) ? sum : undefined;
}

function readFailure(message: string | undefined): DoneStep {
  return message !== undefined && /\brisk control system\b/i.test(message)
    ? refused({ mode: 'hard', stage: 'unknown', signal: 'risk control system' })
    : errorWords(message);
}

/** Kling's own codes, which are finer than its HTTP statuses: spent money is a 429, too. */
const CODE_CAUSES: ReadonlyMap<number, FailureCause> = new Map([
  [1000, 'auth'],
  [1001, 'auth'],
  [1002, 'auth'],
  [1003, 'auth'],
  [1004, 'auth'],
  // The account is in an exceptional state.
  [1100, 'auth'],
  [1101, 'quota'],
  [1102, 'quota'],
  [1103, 'auth'],
  [1200, 'bad_request'],
  [1201, 'bad_request'],
  [1202, 'bad_request'],
  [1203, 'bad_request'],
  [1302, 'rate'],
  [1303, 'rate'],
  // The address is not on the account's list.
  [1304, 'auth'],
  [5000, 'unknown'],
  [5001, 'cold'],
  [5002, 'timeout'],
]);

function readCode(code: number, message: string | null | undefined): DoneStep {
  // Said of the request, before there is a task.
  if (code === 1301) return refused({ mode: 'hard', stage: 'prompt_filter', signal: 'code 1301' });
  const cause = CODE_CAUSES.get(code);
  // 1300 is any policy of the platform: its words may tell which.
  return cause === undefined
    ? errorWords(message)
    : failed({ cause, signal: `code ${code}` }, message);
}
