import { resolve } from 'node:path';
import type { z } from 'zod';
import { parseOptions } from '../core/parse-yaml.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Endpoint, EndpointEnvironment } from './endpoint.ts';

/** What the wiring lends to an adapter beyond the environment. */
export interface AdapterContext {
  readonly environment: EndpointEnvironment;
  /** The prompts of the run: only the sandbox asks, to know what it should plant. */
  readonly prompts: () => AsyncIterable<Prompt>;
  /** Folder of the pipeline file: paths in it are relative to it. */
  readonly folder?: string | undefined;
}

/** A kind of endpoint that a pipeline can name with `use`. */
export interface EndpointAdapter {
  /** One line for `safelight endpoints list`. */
  readonly title: string;
  /** Options of a pipeline's entry beside `id`, `use` and `concurrency`. */
  readonly optionsSchema: z.ZodType;
  /**
   * @param at where the options stand in the pipeline, for messages.
   * @throws SafelightError for options that do not fit, before anything is contacted.
   */
  create(id: string, options: unknown, at: string, context: AdapterContext): Promise<Endpoint>;
}

/** Keys of any endpoint, read before its own. */
const besides = 'id use concurrency limits priceUsd only defences ablate'.split(' ');

function adapter<Schema extends z.ZodType>(
  title: string,
  optionsSchema: Schema,
  create: (
    id: string,
    options: z.output<Schema>,
    context: AdapterContext,
  ) => Endpoint | Promise<Endpoint>,
): EndpointAdapter {
  return {
    title,
    optionsSchema,
    create: async (id, options, at, context) =>
      create(id, parseOptions(options, at, optionsSchema, { besides }), context),
  };
}

/** Every adapter, loaded when it is used. */
export const ENDPOINT_ADAPTERS = {
  automatic1111: async () => {
    const { automatic1111OptionsSchema, createAutomatic1111Endpoint } = await import(
      './automatic1111.ts'
    );
    return adapter(
      'A Stable Diffusion web UI: AUTOMATIC1111, Forge, SD.Next',
      automatic1111OptionsSchema,
      (id, options, { environment }) => createAutomatic1111Endpoint(id, options, environment),
    );
  },
  bedrock: async () => {
    const { createBedrockEndpoint, bedrockOptionsSchema } = await import('./bedrock.ts');
    return adapter(
      'Amazon Bedrock: image models of Amazon and Stability',
      bedrockOptionsSchema,
      (id, options, { environment }) => createBedrockEndpoint(id, options, environment),
    );
  },
  'black-forest-labs': async () => {
    const { blackForestLabsOptionsSchema, createBlackForestLabsEndpoint } = await import(
      './black-forest-labs.ts'
    );
    return adapter(
      'Black Forest Labs: FLUX models',
      blackForestLabsOptionsSchema,
      (id, options, { environment }) => createBlackForestLabsEndpoint(id, options, environment),
    );
  },
  command: async () => {
    const { createCommandEndpoint } = await import('./command.ts');
    const { commandOptionsSchema } = await import('./command-options.ts');
    return adapter(
      'A local program that writes a file, such as a diffusers script',
      commandOptionsSchema,
      (id, options, { environment }) => createCommandEndpoint(id, options, environment),
    );
  },
  comfyui: async () => {
    const { comfyuiOptionsSchema, createComfyuiEndpoint } = await import('./comfyui.ts');
    return adapter(
      'A workflow of ComfyUI',
      comfyuiOptionsSchema,
      (id, options, { environment, folder = '' }) => {
        const { workflow } = options;
        const source = typeof workflow === 'string' ? resolve(folder, workflow) : workflow;
        return createComfyuiEndpoint(id, { ...options, workflow: source }, environment);
      },
    );
  },
  fal: async () => {
    const { createFalEndpoint, falOptionsSchema } = await import('./fal.ts');
    return adapter(
      'fal: a model of your choice, over its queue',
      falOptionsSchema,
      (id, options, { environment }) => createFalEndpoint(id, options, environment),
    );
  },
  'gemini-image': async () => {
    const { createGeminiImageEndpoint, geminiImageOptionsSchema } = await import(
      './gemini-image.ts'
    );
    return adapter(
      'Gemini image models, on the Gemini API or Vertex AI',
      geminiImageOptionsSchema,
      (id, options, { environment }) => createGeminiImageEndpoint(id, options, environment),
    );
  },
  gradio: async () => {
    const { createGradioEndpoint, gradioOptionsSchema } = await import('./gradio.ts');
    return adapter(
      'A Gradio Space or any other Gradio application',
      gradioOptionsSchema,
      (id, options, { environment }) => createGradioEndpoint(id, options, environment),
    );
  },
  'huggingface-inference': async () => {
    const { createHuggingfaceInferenceEndpoint, huggingfaceInferenceOptionsSchema } = await import(
      './huggingface-inference.ts'
    );
    return adapter(
      'Hugging Face Inference Providers: one router to several providers',
      huggingfaceInferenceOptionsSchema,
      (id, options, { environment }) =>
        createHuggingfaceInferenceEndpoint(id, options, environment),
    );
  },
  ideogram: async () => {
    const { createIdeogramEndpoint, ideogramOptionsSchema } = await import('./ideogram.ts');
    return adapter('Ideogram 3 and 4', ideogramOptionsSchema, (id, options, { environment }) =>
      createIdeogramEndpoint(id, options, environment),
    );
  },
  http: async () => {
    const { createDeclaredHttpEndpoint } = await import('./http.ts');
    const { httpDeclarationSchema } = await import('./http-declaration.ts');
    return adapter(
      'Any HTTP API: a provider that the pipeline file declares',
      httpDeclarationSchema,
      (id, options, { environment }) => createDeclaredHttpEndpoint(id, options, environment),
    );
  },
  imagen: async () => {
    const { createImagenEndpoint, imagenOptionsSchema } = await import('./imagen.ts');
    return adapter(
      'Google Imagen, on the Gemini API or Vertex AI',
      imagenOptionsSchema,
      (id, options, { environment }) => createImagenEndpoint(id, options, environment),
    );
  },
  kling: async () => {
    const { createKlingEndpoint, klingOptionsSchema } = await import('./kling.ts');
    return adapter(
      'Kling: video and image models',
      klingOptionsSchema,
      (id, options, { environment }) => createKlingEndpoint(id, options, environment),
    );
  },
  luma: async () => {
    const { createLumaEndpoint, lumaOptionsSchema } = await import('./luma.ts');
    return adapter(
      'Luma: Ray, Uni-1 and the older Dream Machine',
      lumaOptionsSchema,
      (id, options, { environment }) => createLumaEndpoint(id, options, environment),
    );
  },
  minimax: async () => {
    const { createMinimaxEndpoint, minimaxOptionsSchema } = await import('./minimax.ts');
    return adapter(
      'MiniMax: Hailuo, H3 and image-01',
      minimaxOptionsSchema,
      (id, options, { environment }) => createMinimaxEndpoint(id, options, environment),
    );
  },
  'openai-images': async () => {
    const { createOpenaiImagesEndpoint, openaiImagesOptionsSchema } = await import(
      './openai-images.ts'
    );
    return adapter(
      'The OpenAI images protocol: OpenAI, Azure, xAI, Together, BytePlus, local servers',
      openaiImagesOptionsSchema,
      (id, options, { environment }) => createOpenaiImagesEndpoint(id, options, environment),
    );
  },
  'openai-videos': async () => {
    const { createOpenaiVideosEndpoint, openaiVideosOptionsSchema } = await import(
      './openai-videos.ts'
    );
    return adapter(
      'The OpenAI videos protocol: OpenAI, Azure, local servers',
      openaiVideosOptionsSchema,
      (id, options, { environment }) => createOpenaiVideosEndpoint(id, options, environment),
    );
  },
  replicate: async () => {
    const { createReplicateEndpoint, replicateOptionsSchema } = await import('./replicate.ts');
    return adapter(
      'Replicate: a model of your choice',
      replicateOptionsSchema,
      (id, options, { environment }) => createReplicateEndpoint(id, options, environment),
    );
  },
  runway: async () => {
    const { createRunwayEndpoint, runwayOptionsSchema } = await import('./runway.ts');
    return adapter(
      'Runway: video and image models',
      runwayOptionsSchema,
      (id, options, { environment }) => createRunwayEndpoint(id, options, environment),
    );
  },
  sandbox: async () => {
    const { createSandboxEndpoint, sandboxOptionsSchema } = await import('./sandbox/sandbox.ts');
    const { collectSandboxKnowledge } = await import('./sandbox/knowledge.ts');
    return adapter(
      'Embedded procedural renderer with planted behaviour; not a diffusion model',
      sandboxOptionsSchema,
      async (id, options, { environment, prompts }) =>
        createSandboxEndpoint(id, options, environment, await collectSandboxKnowledge(prompts())),
    );
  },
  stability: async () => {
    const { createStabilityEndpoint, stabilityOptionsSchema } = await import('./stability.ts');
    return adapter(
      'Stability AI: Stable Image and Stable Diffusion',
      stabilityOptionsSchema,
      (id, options, { environment }) => createStabilityEndpoint(id, options, environment),
    );
  },
  veo: async () => {
    const { createVeoEndpoint, veoOptionsSchema } = await import('./veo.ts');
    return adapter(
      'Google Veo: videos, on the Gemini API or Vertex AI',
      veoOptionsSchema,
      (id, options, { environment }) => createVeoEndpoint(id, options, environment),
    );
  },
} as const satisfies Record<string, () => Promise<EndpointAdapter>>;

export type EndpointAdapterName = keyof typeof ENDPOINT_ADAPTERS;

export function isEndpointAdapterName(name: string): name is EndpointAdapterName {
  return Object.hasOwn(ENDPOINT_ADAPTERS, name);
}
