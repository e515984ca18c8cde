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
} from './http-adapter.ts';
import { endpointFactory } from './http-endpoint.ts';
import { httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { completed, errorWords, refused, textsIn, unexpectedShape } from './http-signals.ts';
import { OPENAI_BASE_URL, openaiAuthorization, openaiOptionsShape } from './openai-api.ts';
import { policyStageOf, raisedSafetyFlag } from './outcome-codes.ts';

// Verified 2026-11 against OpenAI's API reference (images, gpt-image-1 to gpt-image-2), Microsoft's
// reference for Azure OpenAI image generation, and published error bodies: `moderation_details` with
// `moderation_stage` `input` or `output`, BytePlus' errors per picture, xAI's `respect_moderation` and
// `usage.cost_in_usd_ticks`. Not verifiable without a key: the field that xAI names a block reason
// in, and whether it answers a blocked request with an empty list; both are read tolerantly.

// xAI's documents: 10,000,000,000 ticks are one US dollar.
const TICKS_PER_USD = 10_000_000_000;

/** Options of the `openai-images` endpoint, as a pipeline file writes them. */
export const openaiImagesOptionsSchema = z.strictObject({
  baseUrl: httpUrlSchema
    .default(OPENAI_BASE_URL)
    .describe('Where `images/generations` lies: OpenAI, Azure, xAI, Together, a local server.'),
  path: z
    .string()
    .regex(/^[^/\s][^\s]*$/, 'expected a path relative to `baseUrl`')
    .default('images/generations')
    .describe('Route of the request, with a query where the server wants one (`api-version`).'),
  ...openaiOptionsShape,
  model: z.string().min(1).optional().describe('Model, or at Azure the name of the deployment.'),
  size: z.string().min(1).optional().describe('Such as 1024x1024.'),
  moderation: z
    .enum(['low', 'auto'])
    .optional()
    .describe("OpenAI's and Azure's strictness, for the GPT image models."),
  sendSeed: z
    .boolean()
    .default(false)
    .describe('Sends the seed: local servers, Together and BytePlus take it, OpenAI does not.'),
  parameters: parametersSchema.default({}).describe('Further fields of the request body.'),
  ...httpOptionsShape,
});
export type OpenaiImagesOptions = z.output<typeof openaiImagesOptionsSchema>;

const itemSchema = z.looseObject({
  b64_json: z.string().nullish(),
  url: z.string().nullish(),
  revised_prompt: z.string().nullish(),
  error: z.unknown().optional(),
});
const answerSchema = z.looseObject({
  data: z.array(itemSchema).nullish(),
  error: z.unknown().optional(),
  usage: z.looseObject({ cost_in_usd_ticks: z.number().nullish() }).nullish(),
});
type Answer = z.infer<typeof answerSchema>;

const innerErrorSchema = z.looseObject({ code: z.string().nullish() });
const errorSchema = z.looseObject({
  code: z.union([z.string(), z.number()]).nullish(),
  message: z.string().nullish(),
  moderation_details: z.looseObject({ moderation_stage: z.string().nullish() }).nullish(),
  innererror: innerErrorSchema.nullish(),
  inner_error: innerErrorSchema.nullish(),
});

/** The OpenAI images protocol, as many providers and local servers speak it. */
export const openaiImages: HttpAdapter<OpenaiImagesOptions> = {
  protocol: 'openai-images',
  describe,
  buildRequest,
  parseResponse,
};

/** An endpoint that speaks the OpenAI images protocol. */
export const createOpenaiImagesEndpoint = endpointFactory(openaiImages);

function describe(options: OpenaiImagesOptions): HttpAdapterDescription {
  return {
    modality: 'image',
    baseUrl: options.baseUrl,
    authorization: openaiAuthorization(options),
    ...partSafety(fixedFields(options)),
    revision: null,
    takesSeed: options.sendSeed,
  };
}

/** The body's fields beside prompt and seed. */
function fixedFields(options: OpenaiImagesOptions) {
  const { model, size, moderation, count, parameters } = options;
  return { model, n: count, size, moderation, ...parameters };
}

function buildRequest(options: OpenaiImagesOptions, request: GenerationRequest): HttpCall {
  return {
    name: 'submit',
    method: 'POST',
    url: options.path,
    body: {
      kind: 'json',
      // `undefined` leaves no trace in JSON.
      value: {
        ...fixedFields(options),
        prompt: request.promptText,
        seed: options.sendSeed ? request.seed : undefined,
      },
    },
  };
}

function parseResponse(reply: HttpReply): DoneStep {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  const parsed = answerSchema.safeParse(body);
  const answer: Answer | undefined = parsed.success ? parsed.data : undefined;
  const items = answer?.data ?? [];
  if (reply.status >= 400 || (items.length === 0 && isError(answer?.error))) {
    return refusalIn(answer?.error) ?? errorWords(body);
  }
  if (answer === undefined || (answer.data === undefined && textsIn(answer).length === 0)) {
    return unexpectedShape(body);
  }
  const media = items.flatMap(pointerOf);
  const { data: _data, usage, ...rest } = answer;
  const ticks = usage?.cost_in_usd_ticks;
  const extras = {
    media,
    revisedPrompt: items.find((item) => isWord(item.revised_prompt))?.revised_prompt ?? undefined,
    costUsd: typeof ticks === 'number' && ticks >= 0 ? ticks / TICKS_PER_USD : undefined,
  };
  return allWithheld(items, extras) ?? completed(rest, { ...extras, words: wordsIn(rest, items) });
}

type Item = z.infer<typeof itemSchema>;
type Extras = Pick<DoneStep, 'media' | 'revisedPrompt' | 'costUsd'>;

/** A flag or a code on every single picture; on some of them it is a partial return. */
function allWithheld(items: readonly Item[], extras: Extras): DoneStep | undefined {
  const [first, ...others] = items.map((item) => {
    const flag = raisedSafetyFlag(item);
    return flag === undefined
      ? refusalIn(item.error, extras)
      : refused({ mode: 'flagged', stage: 'output_filter', signal: flag }, undefined, extras);
  });
  return others.every((step) => step !== undefined) ? first : undefined;
}

function pointerOf(item: Item): MediaPointer[] {
  if (isWord(item.b64_json)) return [{ kind: 'base64', data: item.b64_json }];
  return isWord(item.url) ? [{ kind: 'url', url: item.url }] : [];
}

/** What is said beside an empty list, or about pictures that are missing from it. */
function wordsIn(rest: object, items: readonly Item[]): string[] {
  return [...textsIn(rest), ...items.flatMap((item) => textsIn(item.error))];
}

/** The refusal that an error states by a code. */
function refusalIn(error: unknown, extras: Partial<Extras> = {}): DoneStep | undefined {
  const parsed = errorSchema.safeParse(error);
  if (!parsed.success) return undefined;
  const { code, message, moderation_details: details } = parsed.data;
  const inner = (parsed.data.innererror ?? parsed.data.inner_error)?.code;
  // BytePlus refines its codes after a dot; Azure writes `contentFilter` beside `content_filter`.
  const codes = [code, inner].filter((entry) => typeof entry === 'string');
  for (const entry of codes) {
    const known = policyStageOf(normalCode(entry));
    if (known === undefined) continue;
    const stage =
      stageOf(details?.moderation_stage) ??
      // Azure defines its inner code by the prompt: "the prompt violated one of more … rules".
      (isWord(inner) && policyStageOf(inner) !== undefined ? 'prompt_filter' : undefined) ??
      (/^generated image/i.test(message ?? '') ? 'output_filter' : known);
    return refused({ mode: 'hard', stage, signal: entry }, error, extras);
  }
  return undefined;
}

function normalCode(code: string): string {
  const [base = ''] = code.split('.');
  return /^contentfilter$/i.test(base) ? 'content_filter' : base;
}

function stageOf(stage: string | null | undefined): Stage | undefined {
  if (stage === 'input') return 'prompt_filter';
  return stage === 'output' ? 'output_filter' : undefined;
}

function isError(error: unknown): boolean {
  return isWord(error) || (typeof error === 'object' && error !== null);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
