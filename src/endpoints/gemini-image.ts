import { z } from 'zod';
import type { Stage } from '../core/outcome.ts';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import {
  googleAuthorization,
  googleError,
  googleOptionsShape,
  pinnedGoogleModel,
} from './google-api.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
  MediaPointer,
} from './http-adapter.ts';
import { endpointFactory } from './http-endpoint.ts';
import { httpOptionsShape } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { completed, failed, refused, unexpectedShape, unknownStatus } from './http-signals.ts';

// Verified 2026-11 against Google's reference for `generateContent` (`FinishReason`, `BlockReason`),
// Vertex AI's page on responsible AI for Gemini images (a model that declines answers in words with
// `STOP`, a filter with `blockReason` or `finishReason`) and published answers. Not verifiable without
// a key: whether an image model honours `seed`, and what `ESCALATION` means, which is left unknown.

/** Options of the `gemini-image` endpoint, as a pipeline file writes them. */
export const geminiImageOptionsSchema = z
  .strictObject({
    ...googleOptionsShape,
    aspectRatio: z.string().min(1).optional().describe('Such as 16:9.'),
    imageSize: z.string().min(1).optional().describe('1K, 2K or 4K, where the model takes it.'),
    safetySettings: z
      .record(
        z.string().regex(/^HARM_CATEGORY_\w+$/, 'a category such as HARM_CATEGORY_HATE_SPEECH'),
        z.enum([
          'OFF',
          'BLOCK_NONE',
          'BLOCK_ONLY_HIGH',
          'BLOCK_MEDIUM_AND_ABOVE',
          'BLOCK_LOW_AND_ABOVE',
        ]),
      )
      .default({})
      .describe('Threshold of each harm category; what is left out stays at the default.'),
    sendSeed: z.boolean().default(false).describe('Sends the seed, which models need not honour.'),
    parameters: parametersSchema.default({}).describe('Further fields of `generationConfig`.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count === 1, {
    message: 'this API makes one picture a request',
    path: ['count'],
  });
export type GeminiImageOptions = z.output<typeof geminiImageOptionsSchema>;

const partSchema = z.looseObject({
  text: z.string().nullish().catch(undefined),
  thought: z.boolean().nullish().catch(undefined),
  inlineData: z.looseObject({ data: z.string().nullish() }).nullish().catch(undefined),
});
const candidateSchema = z.looseObject({
  finishReason: z.string().nullish().catch(undefined),
  finishMessage: z.string().nullish().catch(undefined),
  content: z
    .looseObject({ parts: z.array(partSchema).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});
const answerSchema = z.looseObject({
  candidates: z.array(candidateSchema).nullish().catch(undefined),
  promptFeedback: z
    .looseObject({
      blockReason: z.string().nullish().catch(undefined),
      blockReasonMessage: z.string().nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  modelVersion: z.string().nullish().catch(undefined),
});
type Candidate = z.infer<typeof candidateSchema>;

/** Gemini's image models, on the Gemini API and on Vertex AI. */
export const geminiImage: HttpAdapter<GeminiImageOptions> = {
  protocol: 'gemini-image',
  describe,
  buildRequest,
  parseResponse,
};

/** An image model of Gemini as an endpoint. */
export const createGeminiImageEndpoint = endpointFactory(geminiImage);

function describe(options: GeminiImageOptions): HttpAdapterDescription {
  const { model, aspectRatio, imageSize, parameters } = options;
  const parted = partSafety({ model, aspectRatio, imageSize, ...parameters });
  return {
    modality: 'image',
    baseUrl: options.baseUrl,
    authorization: googleAuthorization(options),
    parameters: parted.parameters,
    safetySettings: { ...parted.safetySettings, ...options.safetySettings },
    revision: pinnedGoogleModel(model),
    takesSeed: options.sendSeed,
  };
}

function buildRequest(options: GeminiImageOptions, request: GenerationRequest): HttpCall {
  const { aspectRatio, imageSize, parameters } = options;
  const safetySettings = Object.entries(options.safetySettings).map(([category, threshold]) => ({
    category,
    threshold,
  }));
  const shaped = aspectRatio !== undefined || imageSize !== undefined;
  return {
    name: 'submit',
    method: 'POST',
    url: `models/${options.model}:generateContent`,
    body: {
      kind: 'json',
      value: {
        contents: [{ role: 'user', parts: [{ text: request.promptText }] }],
        generationConfig: {
          // Vertex AI takes IMAGE alone from few models; both do from all.
          responseModalities: ['TEXT', 'IMAGE'],
          imageConfig: shaped ? { aspectRatio, imageSize } : undefined,
          seed: options.sendSeed ? request.seed : undefined,
          ...parameters,
        },
        safetySettings: safetySettings.length === 0 ? undefined : safetySettings,
      },
    },
  };
}

/** Reasons of a filter, with the side that it looked at. */
const POLICY_REASONS: ReadonlyMap<string, Stage> = new Map([
  ['SAFETY', 'output_filter'],
  ['PROHIBITED_CONTENT', 'output_filter'],
  ['BLOCKLIST', 'output_filter'],
  ['SPII', 'output_filter'],
  ['RECITATION', 'output_filter'],
  ['MODEL_ARMOR', 'output_filter'],
  ['IMAGE_SAFETY', 'output_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'output_filter'],
  ['IMAGE_RECITATION', 'output_filter'],
]);
/** Ends without a picture that prove no filter: only words beside them can. */
const OTHER_REASONS: ReadonlySet<string> = new Set([
  'STOP',
  'NO_IMAGE',
  'IMAGE_OTHER',
  'OTHER',
  'MAX_TOKENS',
  'LANGUAGE',
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
]);

function parseResponse(reply: HttpReply): DoneStep {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  if (reply.status >= 400) return googleError(reply);
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape(body);
  const { candidates, promptFeedback, modelVersion } = parsed.data;
  const revision = modelVersion ?? undefined;
  const media = (candidates ?? []).flatMap(picturesIn);
  if (media.length > 0) return completed(undefined, { media, revision });
  const blocked = promptFeedback?.blockReason;
  if (blocked !== undefined && blocked !== null && blocked !== 'BLOCK_REASON_UNSPECIFIED') {
    const signal = `blockReason ${blocked}`;
    return refused({ mode: 'hard', stage: 'prompt_filter', signal }, promptFeedback, { revision });
  }
  if (candidates === undefined || candidates === null) {
    return 'error' in parsed.data ? googleError(reply) : unexpectedShape(body);
  }
  return withoutPicture(candidates, { revision });
}

function withoutPicture(
  candidates: readonly Candidate[],
  extras: { readonly revision: string | undefined },
): DoneStep {
  const reasons = candidates.map(({ finishReason }) => finishReason ?? 'none');
  const reason = reasons.find((known) => POLICY_REASONS.has(known)) ?? reasons[0] ?? 'none';
  const signal = `finishReason ${reason}`;
  const stage = POLICY_REASONS.get(reason);
  if (stage !== undefined) return refused({ mode: 'hard', stage, signal }, undefined, extras);
  if (!OTHER_REASONS.has(reason) && reason !== 'none') return unknownStatus(reason);
  const words = candidates.flatMap(wordsIn);
  return words.length > 0
    ? completed(undefined, { words, ...extras })
    : failed({ cause: 'no_media', signal }, undefined, extras);
}

/** Drafts of a model that thinks are no answers. */
function picturesIn(candidate: Candidate): MediaPointer[] {
  return (candidate.content?.parts ?? []).flatMap(({ thought, inlineData }): MediaPointer[] =>
    thought !== true && inlineData?.data ? [{ kind: 'base64', data: inlineData.data }] : [],
  );
}

function wordsIn(candidate: Candidate): string[] {
  const said = (candidate.content?.parts ?? []).flatMap(({ thought, text }) =>
    thought !== true && text ? [text] : [],
  );
  return [...said, ...(candidate.finishMessage ? [candidate.finishMessage] : [])];
}
