import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import {
  describePrediction,
  filteredStage,
  googleError,
  googleOptionsShape,
  predictionCall,
} from './google-api.ts';
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
import { endpointFactory } from './http-endpoint.ts';
import { httpOptionsShape } from './http-options.ts';
import { completed, failed, refused, unexpectedShape } from './http-signals.ts';

// Verified 2026-11 against Google's reference (`VideoGenerationModelParams`), its page on responsible AI,
// published code for `fetchPredictOperation` and published answers of both APIs: the Gemini API wraps the result in
// `generateVideoResponse` with addresses of files, Vertex AI has `videos` with bytes. Not verifiable
// without a key: that a file's address stays on the API's origin until its redirect.

/** Options of the `veo` endpoint, as a pipeline file writes them. */
export const veoOptionsSchema = z
  .strictObject({
    ...googleOptionsShape,
    aspectRatio: z.enum(['16:9', '9:16']).optional(),
    durationSeconds: z.int().min(1).max(60).optional(),
    personGeneration: z
      .enum(['dont_allow', 'disallow', 'allow_adult', 'allow_all'])
      .optional()
      .describe('Which of these a model takes differs between the two APIs.'),
    enhancePrompt: z
      .boolean()
      .optional()
      .describe(
        "Google's rewriting of the prompt; Vertex AI only, and Veo 3 cannot switch it off.",
      ),
    sendSeed: z.boolean().default(false).describe('Sends the seed, which promises no same video.'),
    parameters: parametersSchema
      .default({})
      .describe('Further fields of `parameters`, such as resolution. No `storageUri`.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count <= 4, {
    message: 'this API makes at most four videos a request',
    path: ['count'],
  })
  .refine((options) => options.parameters.storageUri === undefined, {
    message: 'videos in a bucket cannot be fetched',
    path: ['parameters', 'storageUri'],
  });
export type VeoOptions = z.output<typeof veoOptionsSchema>;

const videoSchema = z.looseObject({
  uri: z.string().nullish().catch(undefined),
  gcsUri: z.string().nullish().catch(undefined),
  bytesBase64Encoded: z.string().nullish().catch(undefined),
});
const resultSchema = z.looseObject({
  generatedSamples: z
    .array(z.looseObject({ video: videoSchema.nullish().catch(undefined) }))
    .nullish()
    .catch(undefined),
  videos: z.array(videoSchema).nullish().catch(undefined),
  raiMediaFilteredCount: z.number().nullish().catch(undefined),
  raiMediaFilteredReasons: z.array(z.string()).nullish().catch(undefined),
});
type Result = z.infer<typeof resultSchema>;
const operationSchema = z.looseObject({
  name: z.string().nullish(),
  done: z.boolean().nullish(),
  error: z.unknown().optional(),
  response: resultSchema
    .extend({ generateVideoResponse: resultSchema.nullish() })
    .nullish()
    .catch(undefined),
});

/** Veo, on the Gemini API and on Vertex AI: an operation, and then its state until it is done. */
export const veo: HttpAdapter<VeoOptions> = {
  protocol: 'veo',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Veo as an endpoint. */
export const createVeoEndpoint = endpointFactory(veo);

function describe(options: VeoOptions): HttpAdapterDescription {
  return describePrediction('video', options, fixedFields(options));
}

/** What is sent under `parameters`, but the seed. */
function fixedFields(options: VeoOptions) {
  const { count, aspectRatio, durationSeconds, personGeneration, enhancePrompt } = options;
  return {
    sampleCount: count,
    aspectRatio,
    durationSeconds,
    personGeneration,
    enhancePrompt,
    ...options.parameters,
  };
}

function buildRequest(options: VeoOptions, request: GenerationRequest): HttpCall {
  return predictionCall('predictLongRunning', options, fixedFields(options), request);
}

function parseResponse(reply: HttpReply, { options }: ParseContext<VeoOptions>): Step {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) return googleError(reply);
  const parsed = operationSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape(body);
  const { done, error, response } = parsed.data;
  if (error !== undefined && error !== null) return googleError(reply);
  if (done === true) return readResult(response?.generateVideoResponse ?? response ?? {});
  const { name } = parsed.data;
  if (typeof name !== 'string') return unexpectedShape(body);
  return { kind: 'poll', call: statusCall(name, options), jobId: name };
}

/** Vertex AI names operations by project and has a route of its own for their state. */
function statusCall(name: string, options: VeoOptions): HttpCall {
  if (!name.startsWith('projects/')) return { name: 'status', method: 'GET', url: name };
  return {
    name: 'status',
    method: 'POST',
    url: `models/${options.model}:fetchPredictOperation`,
    body: { kind: 'json', value: { operationName: name } },
  };
}

function readResult(result: Result): DoneStep {
  const videos = result.videos ?? (result.generatedSamples ?? []).map(({ video }) => video);
  const media = videos.flatMap(pointerOf);
  if (media.length > 0) return completed(undefined, { media });
  const reasons = result.raiMediaFilteredReasons ?? [];
  if (reasons.length === 0 && !result.raiMediaFilteredCount) {
    return failed({ cause: 'no_media', signal: 'done without videos' });
  }
  return refused({
    mode: 'flagged',
    stage: filteredStage(reasons),
    signal: reasons.length > 0 ? 'raiMediaFilteredReasons' : 'raiMediaFilteredCount',
  });
}

function pointerOf(video: z.infer<typeof videoSchema> | null | undefined): MediaPointer[] {
  if (video?.bytesBase64Encoded) return [{ kind: 'base64', data: video.bytesBase64Encoded }];
  const url = video?.uri ?? video?.gcsUri;
  return url ? [{ kind: 'url', url }] : [];
}
