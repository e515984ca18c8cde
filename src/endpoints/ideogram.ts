import { z } from 'zod';
import { scalarParametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
} from './http-adapter.ts';
import { keyInHeader } from './http-authorization.ts';
import { endpointFactory } from './http-endpoint.ts';
import { environmentVariableSchema, httpOptionsShape, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { completed, errorReply, errorWords, refused, unexpectedShape } from './http-signals.ts';

// Verified 2026-11 against published descriptions of the v1 routes of Ideogram 3 and 4 (multipart,
// `data[]` with `is_image_safe` and an empty `url` where it is false, 422 "… failed the safety checks").
// Not verifiable: the largest count and seed, and the answers of the newer `/v2/image/generate/` routes,
// which are not claimed here.

const LARGEST_SEED = 2_147_483_647;

/** Options of the `ideogram` endpoint, as a pipeline file writes them. */
export const ideogramOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema.default('https://api.ideogram.ai').describe('Where `v1/` lies.'),
    tokenEnv: environmentVariableSchema
      .default('IDEOGRAM_API_KEY')
      .describe('Name of the environment variable that holds the key.'),
    model: z
      .enum(['ideogram-v3', 'ideogram-v4'])
      .default('ideogram-v3')
      .describe('Part of the route.'),
    aspectRatio: z.string().min(1).optional().describe('Such as 16x9.'),
    renderingSpeed: z.string().min(1).optional().describe('Such as TURBO or QUALITY.'),
    magicPrompt: z
      .enum(['AUTO', 'ON', 'OFF'])
      .optional()
      .describe("Ideogram's own rewriting of the prompt."),
    enableCopyrightDetection: z.boolean().optional().describe('Ideogram 4 only.'),
    parameters: scalarParametersSchema.default({}).describe('Further fields of the form.'),
    ...httpOptionsShape,
  })
  .refine((options) => options.count <= 8, {
    message: 'this API makes at most eight pictures a request',
    path: ['count'],
  });
export type IdeogramOptions = z.output<typeof ideogramOptionsSchema>;

const itemSchema = z.looseObject({
  url: z.string().nullish().catch(undefined),
  is_image_safe: z.boolean().nullish().catch(undefined),
  prompt: z.string().nullish().catch(undefined),
});
const answerSchema = z.looseObject({ data: z.array(itemSchema) });

/** Ideogram's own API. */
export const ideogram: HttpAdapter<IdeogramOptions> = {
  protocol: 'ideogram',
  describe,
  buildRequest,
  parseResponse,
};

/** A model of Ideogram as an endpoint. */
export const createIdeogramEndpoint = endpointFactory(ideogram);

function describe(options: IdeogramOptions): HttpAdapterDescription {
  const { enable_copyright_detection: copyright, ...rest } = fixedFields(options);
  const { parameters, safetySettings } = partSafety(rest);
  return {
    modality: 'image',
    baseUrl: options.baseUrl,
    authorization: keyInHeader(options.tokenEnv, 'api-key'),
    parameters: { model: options.model, ...parameters },
    safetySettings: {
      ...safetySettings,
      ...(copyright === undefined ? {} : { enable_copyright_detection: copyright }),
    },
    revision: null,
    takesSeed: true,
  };
}

/** The form's fields beside prompt and seed. */
function fixedFields(options: IdeogramOptions) {
  return {
    num_images: options.count,
    aspect_ratio: options.aspectRatio,
    rendering_speed: options.renderingSpeed,
    magic_prompt: options.magicPrompt,
    enable_copyright_detection: options.enableCopyrightDetection,
    ...options.parameters,
  };
}

function buildRequest(options: IdeogramOptions, request: GenerationRequest): HttpCall {
  const fields = Object.entries({
    ...fixedFields(options),
    [options.model === 'ideogram-v4' ? 'text_prompt' : 'prompt']: request.promptText,
    seed: request.seed % (LARGEST_SEED + 1),
  });
  return {
    name: 'submit',
    method: 'POST',
    url: `v1/${options.model}/generate`,
    body: {
      kind: 'form',
      fields: Object.fromEntries(
        fields.flatMap(([name, value]) =>
          value === undefined || value === null ? [] : [[name, String(value)]],
        ),
      ),
    },
  };
}

function parseResponse(reply: HttpReply): DoneStep {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  // 422 is a refusal and a bad value alike: the words tell.
  if (reply.status >= 400) return errorReply(reply);
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) {
    return z.looseObject({ error: z.string() }).safeParse(body).success
      ? errorWords(body)
      : unexpectedShape(body);
  }
  const items = parsed.data.data;
  // A picture that is marked unsafe comes without an address.
  const media = items.flatMap(({ url }) => (url ? [{ kind: 'url' as const, url }] : []));
  if (items.length > 0 && items.every((item) => item.is_image_safe === false)) {
    const signal = 'is_image_safe';
    return refused({ mode: 'flagged', stage: 'output_filter', signal }, undefined, { media });
  }
  // As it was after Ideogram's own rewriting.
  const revisedPrompt = items.find(({ prompt }) => prompt)?.prompt ?? undefined;
  return completed(undefined, { media, revisedPrompt });
}
