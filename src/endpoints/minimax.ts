import { z } from 'zod';
import type { FailureCause } from '../core/outcome.ts';
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
  jobUnknown,
  refused,
  textsIn,
  unexpectedShape,
  unknownStatus,
} from './http-signals.ts';

// Verified 2026-11 against MiniMax's documents (error codes, video generation v1 and v2, file
// retrieval) and published clients for pictures. v1 says everything in `base_resp.status_code`,
// whatever the HTTP status; v2 has HTTP statuses, with the same code in brackets at the end of the
// message. Not verifiable: what `metadata.failed_count` counts besides filtered pictures, so that it
// alone is no refusal. MiniMax-H3-Image speaks the OpenAI protocol: use `openai-images` for it.

/** Options of the `minimax` endpoint, as a pipeline file writes them. */
export const minimaxOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema
      .default('https://api.minimax.io')
      .describe('The API; within China https://api.minimaxi.com.'),
    tokenEnv: environmentVariableSchema
      .default('MINIMAX_API_KEY')
      .describe('Environment variable with the key.'),
    api: z
      .enum(['v1', 'v2'])
      .default('v1')
      .describe('`v1` for Hailuo and image-01, `v2` for MiniMax-H3.'),
    model: z.string().min(1).describe('Such as MiniMax-Hailuo-2.3, MiniMax-H3 or image-01.'),
    modality: z.enum(['video', 'image']).default('video').describe('What the model makes.'),
    promptOptimizer: z
      .boolean()
      .optional()
      .describe("MiniMax's rewriting of the prompt (v1), on by default for video; never shown."),
    parameters: parametersSchema
      .default({})
      .describe('Further fields, such as duration and resolution.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1 || options.modality === 'image', {
    message: 'one video a request',
    path: ['count'],
  })
  .refine((options) => options.api === 'v1' || options.modality === 'video', {
    message: 'v2 makes video; for MiniMax-H3-Image use `openai-images`',
    path: ['api'],
  });
export type MinimaxOptions = z.output<typeof minimaxOptionsSchema>;

const word = z.string().nullish().catch(undefined);
const id = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(undefined);
const answerSchema = z.looseObject({
  base_resp: z
    .looseObject({ status_code: z.number(), status_msg: word })
    .nullish()
    .catch(undefined),
  error: z.looseObject({ message: word }).nullish().catch(undefined),
  task_id: id,
  status: z.unknown().optional(),
  file_id: id,
  file: z.looseObject({ download_url: word }).nullish().catch(undefined),
  data: z
    .looseObject({ image_urls: z.array(z.string()).nullish() })
    .nullish()
    .catch(undefined),
  /** Of v2. */
  task: z
    .looseObject({
      status: z.unknown().optional(),
      content: z.looseObject({ url: word }).nullish().catch(undefined),
      error: z.unknown().optional(),
    })
    .nullish()
    .catch(undefined),
});
type Answer = z.infer<typeof answerSchema>;

/** MiniMax's APIs: pictures at once; a video as a task, its state, and then its file. */
export const minimax: HttpAdapter<MinimaxOptions> = {
  protocol: 'minimax',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of MiniMax as an endpoint. */
export const createMinimaxEndpoint = endpointFactory(minimax);

function describe(options: MinimaxOptions): HttpAdapterDescription {
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: bearerKey(options.tokenEnv),
    ...partSafety({ api: options.api, ...fixedFields(options) }),
    revision: null,
    takesSeed: options.modality === 'image',
  };
}

/** The body's fields beside prompt and seed. */
function fixedFields({ model, modality, count, promptOptimizer, parameters }: MinimaxOptions) {
  return {
    model,
    ...(modality === 'image' ? { n: count, response_format: 'url' } : {}),
    prompt_optimizer: promptOptimizer,
    ...parameters,
  };
}

function buildRequest(options: MinimaxOptions, request: GenerationRequest): HttpCall {
  const { api, modality } = options;
  const { promptText: prompt, seed } = request;
  return {
    name: 'submit',
    method: 'POST',
    url: modality === 'image' ? 'v1/image_generation' : `${api}/video_generation`,
    body: {
      kind: 'json',
      value: {
        ...fixedFields(options),
        ...(api === 'v2' ? { content: [{ type: 'text', text: prompt }] } : { prompt }),
        ...(modality === 'image' ? { seed } : {}),
      },
    },
  };
}

function parseResponse(reply: HttpReply, context: ParseContext<MinimaxOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return reply.status >= 400 ? errorReply(reply) : unexpectedShape();
  const answer = parsed.data;
  const code = answer.base_resp?.status_code ?? codeIn(answer.error);
  if (code !== undefined && code !== 0) {
    // The job goes on, whatever keeps us from hearing of it.
    const again = context.call !== 'submit' && CODE_CAUSES.get(code) === 'rate';
    if (again) return repeat(context);
    // The only thing that this call names is the job.
    return context.call === 'status' && code === 2013
      ? jobUnknown(`code ${code}`, body)
      : readCode(code, body);
  }
  if (reply.status >= 400) return errorReply(reply);
  if (answer.error) return errorWords(answer.error);
  switch (context.call) {
    case 'submit':
      return readSubmitted(answer, context.options);
    case 'status':
      return answer.task ? readTask(answer.task, context) : readState(answer, context);
    default: {
      const url = answer.file?.download_url;
      return url ? completed(undefined, { media: [{ kind: 'url', url }] }) : unexpectedShape();
    }
  }
}

function readSubmitted(answer: Answer, { api, modality }: MinimaxOptions): Step {
  if (modality === 'image') {
    if (!answer.base_resp) return unexpectedShape();
    const urls = answer.data?.image_urls ?? [];
    const media = urls.map((url): MediaPointer => ({ kind: 'url', url }));
    return completed(undefined, { media });
  }
  const jobId = answer.task_id;
  if (!jobId) return unexpectedShape();
  const query = api === 'v2' ? `/${jobId}` : `?task_id=${jobId}`;
  const url = `${api}/query/video_generation${query}`;
  return { ...repeat({ call: 'status', carry: { url } }), jobId };
}

/** The same call once more. */
function repeat({ call, carry }: Pick<ParseContext, 'call' | 'carry'>): Step & { kind: 'poll' } {
  return { kind: 'poll', call: { name: call, method: 'GET', url: carry.url ?? '' }, carry };
}

function readState({ status, file_id: fileId }: Answer, context: ParseContext): Step {
  switch (status) {
    case 'Preparing':
    case 'Queueing':
    case 'Processing':
      return repeat(context);
    case 'Success': {
      if (!fileId) return unexpectedShape();
      const carry = { url: `v1/files/retrieve?file_id=${fileId}` };
      return { ...repeat({ call: 'result', carry }), afterMs: 0 };
    }
    case 'Fail':
      // Without a code: nothing tells why.
      return failed({ cause: 'unknown', signal: status });
    default:
      return unknownStatus(status);
  }
}

function readTask(task: NonNullable<Answer['task']>, context: ParseContext): Step {
  switch (task.status) {
    case 'queued':
    case 'running':
      return repeat(context);
    case 'succeeded': {
      const url = task.content?.url;
      return completed(undefined, { media: url ? [{ kind: 'url', url }] : [] });
    }
    case 'failed': {
      const code = codeIn(task.error);
      return code === undefined ? errorWords(task.error) : readCode(code, task.error);
    }
    case 'cancelled':
      return failed({ cause: 'unknown', signal: task.status });
    case 'expired':
      return failed({ cause: 'timeout', signal: task.status });
    default:
      return unknownStatus(task.status);
  }
}

const errorSchema = z.looseObject({
  code: z.union([z.number(), z.string()]).nullish().catch(undefined),
});

/** MiniMax's code in an error of v2: a field of its own, or the end of the message. */
function codeIn(error: unknown): number | undefined {
  const parsed = errorSchema.safeParse(error);
  if (!parsed.success) return undefined;
  const texts = [String(parsed.data.code ?? ''), ...textsIn(error)];
  for (const text of texts) {
    const digits = /^(\d{4})$|\((\d{4})\)\s*$/.exec(text);
    if (digits !== null) return Number(digits[1] ?? digits[2]);
  }
  return undefined;
}

const CODE_CAUSES: ReadonlyMap<number, FailureCause> = new Map([
  [1001, 'timeout'],
  [1002, 'rate'],
  [1004, 'auth'],
  [1008, 'quota'],
  // Tokens a minute, connections, growth of requests.
  [1039, 'rate'],
  [1041, 'rate'],
  [2045, 'rate'],
  [1042, 'bad_request'],
  [2013, 'bad_request'],
  [2049, 'auth'],
  // A plan's allowance, which refills by the hour.
  [2056, 'quota'],
]);

function readCode(code: number, structure: unknown): DoneStep {
  const signal = `code ${code}`;
  switch (code) {
    case 1026:
      return refused({ mode: 'hard', stage: 'prompt_filter', signal });
    case 1027:
      return refused({ mode: 'hard', stage: 'output_filter', signal });
    default:
      return failed({ cause: CODE_CAUSES.get(code) ?? 'unknown', signal }, structure);
  }
}
