import { z } from 'zod';
import { parametersSchema } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import { fal, falOptionsSchema } from './fal.ts';
import type {
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  HttpReply,
  ParseContext,
  Step,
} from './http-adapter.ts';
import { bearerKey } from './http-authorization.ts';
import { endpointFactory } from './http-endpoint.ts';
import {
  environmentVariableSchema,
  type HttpOptions,
  httpOptionsShape,
  httpUrlSchema,
} from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { completed, errorReply, textsIn, unexpectedShape } from './http-signals.ts';
import { openaiImages, openaiImagesOptionsSchema } from './openai-images.ts';
import { replicate, replicateOptionsSchema } from './replicate.ts';

// Verified 2026-11 against `@huggingface/inference` 4.13.30, which routes to each provider under its
// name and sends and reads that provider's own bodies: `hf-inference/models/{id}` with `inputs` and a
// picture as the reply, `fal-ai/{id}?_subdomain=queue`, `replicate/v1/…`, and
// `{together,nscale}/v1/images/generations`. That client asks the Hub which id a provider has for a
// model; here the provider's id is written down, so that the request is fixed before the run. Not
// verifiable without a token: polling Replicate through the router, which that client never does.

const ROUTER_URL = 'https://router.huggingface.co';
const PROVIDERS = ['hf-inference', 'fal-ai', 'replicate', 'together', 'nscale'] as const;

/** Options of the `huggingface-inference` endpoint, as a pipeline file writes them. */
export const huggingfaceInferenceOptionsSchema = z
  .strictObject({
    baseUrl: httpUrlSchema.default(ROUTER_URL).describe('The router.'),
    tokenEnv: environmentVariableSchema
      .default('HF_TOKEN')
      .describe('Environment variable with the token, which pays for every provider.'),
    provider: z.enum(PROVIDERS).default('hf-inference').describe('Who runs the model.'),
    model: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)+(:[\w.-]+)?$/, 'expected an id such as owner/name')
      .describe("The provider's own id; for hf-inference the model's name on the Hub."),
    modality: z
      .enum(['image', 'video'])
      .default('image')
      .describe('What the model makes; video with fal-ai and replicate.'),
    enableSafetyChecker: z
      .boolean()
      .optional()
      .describe('For providers with a checker that can be switched: fal-ai, replicate, together.'),
    parameters: parametersSchema
      .default({})
      .describe('Further parameters, in the words of the provider.'),
    ...httpOptionsShape,
  })
  .refine(({ provider, count }) => provider !== 'hf-inference' || count === 1, {
    message: 'hf-inference makes one picture a request',
    path: ['count'],
  })
  .refine(({ provider, modality }) => modality === 'image' || /fal|replicate/.test(provider), {
    message: 'only fal-ai and replicate make video here',
    path: ['modality'],
  })
  .refine(
    ({ provider, enableSafetyChecker }) =>
      enableSafetyChecker === undefined || /fal|replicate|together/.test(provider),
    { message: 'this provider has no such switch', path: ['enableSafetyChecker'] },
  );
export type HuggingfaceInferenceOptions = z.output<typeof huggingfaceInferenceOptionsSchema>;

/** Hugging Face Inference Providers: one router and one bill, each provider's own bodies. */
export const huggingfaceInference: HttpAdapter<HuggingfaceInferenceOptions> = {
  protocol: 'huggingface-inference',
  describe,
  buildRequest: (options, request) => providerOf(options).build(request),
  parseResponse: (reply, context) => providerOf(context.options).parse(reply, context),
};

/** A model behind Hugging Face's router as an endpoint. */
export const createHuggingfaceInferenceEndpoint = endpointFactory(huggingfaceInference);

function describe(options: HuggingfaceInferenceOptions): HttpAdapterDescription {
  const { provider, model, count, enableSafetyChecker, parameters } = options;
  return {
    modality: options.modality,
    baseUrl: options.baseUrl,
    authorization: bearerKey(options.tokenEnv),
    ...partSafety({
      provider,
      model,
      count,
      enable_safety_checker: enableSafetyChecker,
      ...parameters,
    }),
    revision: null,
    takesSeed: true,
  };
}

/** How one provider is asked and answers, with routes as the router has them. */
interface Provider {
  build(request: GenerationRequest): HttpCall;
  parse(reply: HttpReply, context: ParseContext<HuggingfaceInferenceOptions>): Step;
}

function providerOf(options: HuggingfaceInferenceOptions): Provider {
  const { provider, model, modality, count, enableSafetyChecker, parameters } = options;
  switch (provider) {
    case 'hf-inference':
      return { build: (request) => buildOwn(options, request), parse: parseOwn };
    case 'fal-ai': {
      const fields = { model, modality, count, enableSafetyChecker, parameters };
      return routed(fal, falOptionsSchema.parse(fields), (url) => {
        // Its jobs name fal's own addresses: on the router they have the same paths.
        const base = 'https://queue.fal.run';
        const path = URL.canParse(url, base) ? new URL(url, base).pathname : '/';
        return `fal-ai${path}?_subdomain=queue`;
      });
    }
    case 'replicate': {
      const disableSafetyChecker =
        enableSafetyChecker === undefined ? undefined : !enableSafetyChecker;
      const fields = { model, modality, count, disableSafetyChecker, parameters };
      return routed(
        replicate,
        replicateOptionsSchema.parse(fields),
        (url) => `replicate/v1/${url}`,
      );
    }
    case 'together':
    case 'nscale': {
      const checker =
        enableSafetyChecker === undefined ? {} : { disable_safety_checker: !enableSafetyChecker };
      const theirs = openaiImagesOptionsSchema.parse({
        model,
        count,
        sendSeed: true,
        parameters: {
          // Together calls base64 by another name.
          response_format: provider === 'together' ? 'base64' : 'b64_json',
          ...checker,
          ...parameters,
        },
      });
      return routed(openaiImages, theirs, (url) => `${provider}/v1/${url}`);
    }
  }
}

/** A provider's own adapter, with its calls sent through the router. */
function routed<Options extends HttpOptions>(
  adapter: HttpAdapter<Options>,
  theirs: Options,
  route: (url: string) => string,
): Provider {
  const through = (call: HttpCall): HttpCall => ({ ...call, url: route(call.url) });
  return {
    build: (request) => through(adapter.buildRequest(theirs, request)),
    parse: (reply, { call, carry }) => {
      const step = adapter.parseResponse(reply, { options: theirs, call, carry });
      return step.kind === 'poll' ? { ...step, call: through(step.call) } : step;
    },
  };
}

function buildOwn(
  { model, parameters }: HuggingfaceInferenceOptions,
  { promptText, seed }: GenerationRequest,
): HttpCall {
  return {
    name: 'submit',
    method: 'POST',
    url: `hf-inference/models/${model}`,
    headers: { accept: 'image/png' },
    body: { kind: 'json', value: { inputs: promptText, parameters: { seed, ...parameters } } },
  };
}

const ownSchema = z.looseObject({
  data: z.array(z.looseObject({ b64_json: z.string() })).optional(),
  output: z.array(z.string()).optional(),
});

/** A picture as the reply; the client knows two shapes of JSON, too. */
function parseOwn(reply: HttpReply): Step {
  if (reply.status >= 400) return errorReply(reply);
  if (reply.body.kind === 'media') return completed(undefined, { media: [{ kind: 'body' }] });
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  const parsed = ownSchema.safeParse(body);
  if (!parsed.success) return unexpectedShape();
  const { data = [], output = [], ...rest } = parsed.data;
  return completed(rest, {
    media: [
      ...data.map(({ b64_json }) => ({ kind: 'base64', data: b64_json }) as const),
      ...output.map((url) => ({ kind: 'url', url }) as const),
    ],
    words: textsIn(rest),
  });
}
