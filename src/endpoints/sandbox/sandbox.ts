import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { MODALITIES } from '../../core/prompt.ts';
import { parametersSchema } from '../../core/trial.ts';
import type { Endpoint, EndpointEnvironment } from '../endpoint.ts';
import { createGradioEndpoint } from '../gradio.ts';
import { classifyGradio } from '../gradio-classify.ts';
import { gradioOptionsSchema } from '../gradio-options.ts';
import { RENDERER_VERSION } from './drawing/draw.ts';
import type { KnowledgeByPrompt } from './knowledge.ts';
import { SANDBOX_PERSONAS } from './personas.ts';
import { SANDBOX_FUNCTIONS } from './server/schema.ts';
import { type SandboxServer, startSandboxServer } from './server.ts';

const sidePx = z.int().min(64).max(1024).multipleOf(8).default(512);

/** Options of the `sandbox` endpoint, as a pipeline file writes them. */
export const sandboxOptionsSchema = z.strictObject({
  persona: z.enum(SANDBOX_PERSONAS).describe('What is planted: how it answers.'),
  modality: z.enum(MODALITIES).default('image').describe('What comes back.'),
  width: sidePx.describe('Width in px.'),
  height: sidePx.describe('Height in px.'),
  durationS: z.number().min(0.5).max(8).default(2).describe('Length of a video in s.'),
  latencyMs: z.int().min(0).max(60_000).default(0).describe('Added to every answer.'),
  timeoutMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(30_000)
    .describe('For one attempt: what `flaky` leaves hanging ends then.'),
  parameters: parametersSchema.default({}).describe('Further fixed values by parameter name.'),
});
export type SandboxOptions = z.output<typeof sandboxOptionsSchema>;

/** Stands wherever results of a sandbox appear. */
export const SANDBOX_NOTICE = 'procedural renderer, not a diffusion model';

/**
 * The embedded default endpoint: a Gradio server on loopback, reached through the same driver and
 * client as any Space. The server starts with the first `describe` or `generate`.
 *
 * @param knowledge what is planted about the prompts of the run: see `collectSandboxKnowledge`.
 */
export function createSandboxEndpoint(
  id: string,
  options: SandboxOptions,
  environment: EndpointEnvironment,
  knowledge: KnowledgeByPrompt,
): Endpoint {
  const { persona, modality, latencyMs, timeoutMs, width, height, durationS } = options;
  let started: Promise<{ server: SandboxServer; endpoint: Endpoint }> | undefined;
  let closed = false;

  const start = async () => {
    const { ffmpegPath } = environment;
    // A missing ffmpeg would otherwise only show as one failed trial after the other.
    if (modality === 'video') await ffmpegPath();
    const server = await startSandboxServer({
      persona,
      knowledge,
      ffmpegPath,
      modality,
      latencyMs,
    });
    const gradio = gradioOptionsSchema.parse({
      url: server.url,
      api: `/${SANDBOX_FUNCTIONS[modality].apiName}`,
      modality,
      timeoutMs,
      parameters: {
        width,
        height,
        // As in most Spaces the app's own default is to draw a seed of its own.
        ...(modality === 'image' ? { randomize_seed: false } : { duration_s: durationS }),
        ...options.parameters,
      },
    });
    return { server, endpoint: createGradioEndpoint(id, gradio, environment) };
  };
  const opened = () => {
    if (closed) {
      throw new SafelightError(`endpoint ${id} was closed already`, {
        code: 'endpoint_closed',
        kind: 'internal',
      });
    }
    if (started === undefined) {
      const starting = start();
      started = starting;
      starting.catch(() => {
        if (started === starting) started = undefined;
      });
    }
    return started;
  };

  return {
    id,
    modality,
    async describe(signal) {
      const { endpoint } = await opened();
      return {
        ...(await endpoint.describe(signal)),
        kind: 'sandbox',
        revision: RENDERER_VERSION,
        safetySettings: { persona },
        notice: SANDBOX_NOTICE,
      };
    },
    async generate(request, context) {
      const { endpoint } = await opened();
      return endpoint.generate(request, context);
    },
    classify: classifyGradio,
    async close() {
      closed = true;
      const running = await started?.catch(() => undefined);
      await running?.endpoint.close();
      await running?.server.close();
    },
  };
}
