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
  ParseContext,
  Step,
} from './http-adapter.ts';
import { endpointFactory } from './http-endpoint.ts';
import { httpOptionsShape, httpUrlSchema } from './http-options.ts';
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
import { OPENAI_BASE_URL, openaiAuthorization, openaiOptionsShape } from './openai-api.ts';
import { policyStageOf } from './outcome-codes.ts';

// Verified 2026-11 against OpenAI's reference for videos (`queued`, `in_progress`, `completed`,
// `failed` with `error.code` and `error.message`), the references of Azure and vLLM-Omni for the same
// routes, and published failures with `moderation_blocked`. `sentinel_block` is no policy code: it was seen to depend on the
// client, not on the prompt. Not verifiable without a key: whether `content` redirects, which is allowed.

/** Options of the `openai-videos` endpoint, as a pipeline file writes them. */
export const openaiVideosOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema
      .default(OPENAI_BASE_URL)
      .describe('Where `videos` lies: OpenAI, Azure, a local server.'),
    ...openaiOptionsShape,
    model: z.string().min(1).optional().describe('Such as sora-2; servers have one of their own.'),
    size: z.string().min(1).optional().describe('Such as 1280x720.'),
    seconds: z.int().min(1).max(600).optional().describe('Length of the video.'),
    encoding: z.enum(['form', 'json']).default('form').describe('How the request is written.'),
    sendSeed: z
      .boolean()
      .default(false)
      .describe('Sends the seed: local servers take it, OpenAI does not.'),
    parameters: parametersSchema.default({}).describe('Further fields of the request.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1, {
    message: 'this API makes one video a request',
    path: ['count'],
  });
export type OpenaiVideosOptions = z.output<typeof openaiVideosOptionsSchema>;

const jobSchema = z.looseObject({
  id: z.string(),
  status: z.unknown().optional(),
  error: z.unknown().optional(),
  model: z.string().nullish().catch(undefined),
  prompt: z.string().nullish().catch(undefined),
});
type VideoJob = z.infer<typeof jobSchema>;
const errorSchema = z.looseObject({
  code: z.string(),
  message: z.string().nullish().catch(undefined),
  moderation_details: z
    .looseObject({ moderation_stage: z.string().nullish() })
    .nullish()
    .catch(undefined),
});

/** The OpenAI videos protocol: a job, its state, and its content. */
export const openaiVideos: HttpAdapter<OpenaiVideosOptions> = {
  protocol: 'openai-videos',
  describe,
  buildRequest,
  parseResponse,
};

/** An endpoint that speaks the OpenAI videos protocol. */
export const createOpenaiVideosEndpoint = endpointFactory(openaiVideos);

function describe(options: OpenaiVideosOptions): HttpAdapterDescription {
  return {
    modality: 'video',
    baseUrl: options.baseUrl,
    authorization: openaiAuthorization(options),
    ...partSafety(fixedFields(options)),
    revision: snapshotOf(options.model) ?? null,
    takesSeed: options.sendSeed,
  };
}

/** The request's fields beside prompt and seed. */
function fixedFields({ model, size, seconds, parameters }: OpenaiVideosOptions) {
  return { model, size, seconds: seconds?.toString(), ...parameters };
}

function buildRequest(options: OpenaiVideosOptions, request: GenerationRequest): HttpCall {
  const fields = {
    ...fixedFields(options),
    prompt: request.promptText,
    seed: options.sendSeed ? request.seed : undefined,
  };
  const set = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return {
    name: 'submit',
    method: 'POST',
    url: 'videos',
    body:
      options.encoding === 'json'
        ? { kind: 'json', value: fields }
        : { kind: 'form', fields: Object.fromEntries(set) },
  };
}

function parseResponse(reply: HttpReply, { call }: ParseContext<OpenaiVideosOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) return readError(body, call) ?? errorReply(reply);
  const parsed = jobSchema.safeParse(body);
  if (!parsed.success) return readError(body, call) ?? unexpectedShape(body);
  const job = parsed.data;
  const { id, status, error } = job;
  switch (status) {
    case 'queued':
    case 'in_progress':
      return {
        kind: 'poll',
        call: { name: 'status', method: 'GET', url: `videos/${encodeURIComponent(id)}` },
        afterMs: askedWait(reply),
        jobId: id,
      };
    case 'completed':
      return completed(undefined, {
        media: [{ kind: 'url', url: `videos/${encodeURIComponent(id)}/content` }],
        ...reportedBy(job),
      });
    case 'failed':
      return readError({ error }, 'status') ?? errorWords(error);
    default:
      return unknownStatus(status, error);
  }
}

function reportedBy(job: VideoJob): Pick<DoneStep, 'revisedPrompt' | 'revision'> {
  // "The prompt that was used to generate the video."
  return { revisedPrompt: job.prompt ?? undefined, revision: snapshotOf(job.model) };
}

/** A name with a date stays the same model. */
function snapshotOf(model: string | null | undefined): string | undefined {
  return typeof model === 'string' && /\d{4}-\d{2}-\d{2}$/.test(model) ? model : undefined;
}

/** OpenAI's own clients wait as long as this header says. */
function askedWait({ headers }: HttpReply): number | undefined {
  const asked = headers['openai-poll-after-ms'];
  return asked !== undefined && /^\d{1,7}$/.test(asked) ? Number(asked) : undefined;
}

/** What an error says by its code. */
function readError(body: unknown, call: string): DoneStep | undefined {
  const parsed = z.looseObject({ error: errorSchema }).safeParse(body);
  if (!parsed.success) return undefined;
  const { code } = parsed.data.error;
  if (code === 'sentinel_block') return failed({ cause: 'unknown', signal: code }, body);
  if (policyStageOf(code) === undefined) return undefined;
  return refused({ mode: 'hard', stage: stageOf(parsed.data.error, call), signal: code }, body);
}

function stageOf(error: z.infer<typeof errorSchema>, call: string): Stage {
  const stage = error.moderation_details?.moderation_stage;
  const words = error.message ?? '';
  if (stage === 'input' || /\bchecking inputs?\b/i.test(words)) return 'prompt_filter';
  if (stage === 'output' || /\bchecking outputs?\b/i.test(words)) return 'output_filter';
  // Nothing has been made when a job is turned away.
  return call === 'submit' ? 'prompt_filter' : 'unknown';
}
