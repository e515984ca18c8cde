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
} from './http-adapter.ts';
import { endpointFactory } from './http-endpoint.ts';
import { httpOptionsShape } from './http-options.ts';
import { completed, failed, refused, unexpectedShape } from './http-signals.ts';

// Verified 2026-11 against Google's Imagen API reference (`VisionGenerativeModelParams`), its page on
// responsible AI with the table of support codes, and published answers. Google announced the end of
// Imagen for 2026: some of its models may no longer answer. Not verifiable without a key: that the Gemini API answers a wholly
// filtered request with an empty object where no reason was asked for; empty answers stay failures.

/** Options of the `imagen` endpoint, as a pipeline file writes them. */
export const imagenOptionsSchema = z
  .strictObject({
    ...googleOptionsShape,
    aspectRatio: z.string().min(1).optional().describe('Such as 16:9.'),
    safetySetting: z
      .enum(['block_low_and_above', 'block_medium_and_above', 'block_only_high', 'block_none'])
      .optional()
      .describe('Threshold of the filters; the Gemini API takes block_low_and_above only.'),
    personGeneration: z.enum(['dont_allow', 'allow_adult', 'allow_all']).optional(),
    enhancePrompt: z
      .boolean()
      .optional()
      .describe("Google's rewriting of the prompt, on by default; Vertex AI only."),
    sendSeed: z
      .boolean()
      .default(false)
      .describe('Sends the seed: Vertex AI takes it, with `addWatermark: false` in `parameters`.'),
    parameters: parametersSchema.default({}).describe('Further fields of `parameters`.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count <= 4, {
    message: 'this API makes at most four pictures a request',
    path: ['count'],
  });
export type ImagenOptions = z.output<typeof imagenOptionsSchema>;

const predictionSchema = z.looseObject({
  bytesBase64Encoded: z.string().nullish().catch(undefined),
  raiFilteredReason: z.string().nullish().catch(undefined),
  prompt: z.string().nullish().catch(undefined),
});
const answerSchema = z.looseObject({
  predictions: z.array(predictionSchema).nullish(),
});

/** Imagen, on the Gemini API and on Vertex AI. */
export const imagen: HttpAdapter<ImagenOptions> = {
  protocol: 'imagen',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Imagen as an endpoint. */
export const createImagenEndpoint = endpointFactory(imagen);

function describe(options: ImagenOptions): HttpAdapterDescription {
  return describePrediction('image', options, fixedFields(options));
}

/** What is sent under `parameters`, but the seed. */
function fixedFields(options: ImagenOptions) {
  const { count, aspectRatio, safetySetting, personGeneration, enhancePrompt } = options;
  return {
    // Four without it.
    sampleCount: count,
    aspectRatio,
    safetySetting,
    personGeneration,
    enhancePrompt,
    includeRaiReason: true,
    ...options.parameters,
  };
}

function buildRequest(options: ImagenOptions, request: GenerationRequest): HttpCall {
  return predictionCall('predict', options, fixedFields(options), request);
}

function parseResponse(reply: HttpReply): DoneStep {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) return googleError(reply);
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape(body);
  if ('error' in parsed.data) return googleError(reply);
  const predictions = parsed.data.predictions ?? [];
  const media = predictions.flatMap(({ bytesBase64Encoded: data }) =>
    data ? [{ kind: 'base64' as const, data }] : [],
  );
  if (media.length > 0) {
    const revisedPrompt = predictions.find(({ prompt }) => prompt)?.prompt ?? undefined;
    return completed(undefined, { media, revisedPrompt });
  }
  const reasons = predictions.flatMap(({ raiFilteredReason: reason }) => (reason ? [reason] : []));
  if (reasons.length === 0) return failed({ cause: 'no_media', signal: 'no predictions' });
  return refused({ mode: 'flagged', stage: filteredStage(reasons), signal: 'raiFilteredReason' });
}
