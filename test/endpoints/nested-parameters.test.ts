import { describe, expect, it } from 'vitest';
import { createTrial, parametersSchema } from '../../src/core/trial.ts';
import { ENDPOINT_ADAPTERS } from '../../src/endpoints/registry.ts';
import { createContext, environment, request } from './memory-context.ts';
import { startProviderServer } from './provider-server.ts';

const camera = { type: 'simple', config: { zoom: 5, path: [1, 2, null] } };

/** Adapters that send JSON, with what each needs beside its parameters. */
const SENDING = {
  'black-forest-labs': { model: 'flux-pro-1.1' },
  fal: { model: 'fal-ai/flux/dev' },
  'huggingface-inference': { provider: 'hf-inference', model: 'a/b' },
  kling: { model: 'kling-v2-6' },
  luma: { model: 'ray-3.2' },
  minimax: { model: 'MiniMax-Hailuo-02' },
  'openai-images': { model: 'gpt-image-1' },
  replicate: { model: 'a/b' },
  runway: { model: 'gen4.5' },
} as const;
const env = Object.fromEntries(
  [
    'BFL_API_KEY',
    'FAL_KEY',
    'HF_TOKEN',
    'KLING_ACCESS_KEY',
    'KLING_SECRET_KEY',
    'LUMA_AGENTS_API_KEY',
    'MINIMAX_API_KEY',
    'OPENAI_API_KEY',
    'REPLICATE_API_TOKEN',
    'RUNWAYML_API_SECRET',
  ].map((name) => [name, 'a-key-of-tests']),
);

describe('parameters with parts', () => {
  it.each(Object.entries(SENDING))(
    'reach %s as they are, and its description',
    async (use, own) => {
      const server = await startProviderServer('image');
      const adapter = await ENDPOINT_ADAPTERS[use as keyof typeof SENDING]();
      const context = { environment: { ...environment, env }, prompts: async function* () {} };
      const options = { ...own, baseUrl: server.url, parameters: { camera_control: camera } };
      const endpoint = await adapter.create('under-test', options, 'x.yaml:1', context);
      server.play([{ json: {} }]);
      const description = await endpoint.describe(createContext().signal);
      expect(description.parameters.camera_control).toEqual(camera);
      server.play([{ status: 400, json: {} }]);
      await endpoint.generate(request, createContext());
      await endpoint.close();
      await server.stop();
      expect(server.calls[0]?.body).toContain(`"camera_control":${JSON.stringify(camera)}`);
    },
  );

  it.each(['stability', 'ideogram', 'command'] as const)(
    'are turned down before anything is sent by %s, which has no form for them',
    async (use) => {
      const own = {
        stability: { service: 'core' },
        ideogram: { model: 'ideogram-v3' },
        command: { command: ['x', '{prompt}', '{output}'] },
      }[use];
      const adapter = await ENDPOINT_ADAPTERS[use]();
      const parsed = adapter.optionsSchema.safeParse({ ...own, parameters: { camera } });
      expect(parsed.error?.issues[0]?.path).toEqual(['parameters', 'camera']);
    },
  );

  it('fit a declared body where the placeholder stands alone, and nowhere else', async () => {
    const adapter = await ENDPOINT_ADAPTERS.http();
    const parse = (body: object) =>
      adapter.optionsSchema.safeParse({
        baseUrl: 'https://api.example.com',
        url: 'x',
        body: { text: '{prompt}', ...body },
        parameters: { camera },
        media: 'body',
      });
    expect(parse({ view: '{camera}' }).success).toBe(true);
    expect(parse({ view: 'by {camera}' }).error?.issues[0]).toMatchObject({
      path: ['body', 'view'],
      message: expect.stringContaining('{camera} has parts'),
    });
  });

  it('leave the ids of trials with plain values as they were', () => {
    const fields = {
      promptId: 'p',
      endpoint: 'e',
      revision: null,
      parameters: parametersSchema.parse({ width: 512, model: 'm', fast: true, style: null }),
      safetySettings: {},
      seed: 7,
      repeat: 0,
    };
    expect(createTrial(fields, 'a grey heron').id).toBe('f80a1114f5ec2b3585b1adf2b40b73c8');
    const other = createTrial({ ...fields, parameters: { camera } }, 'a grey heron').id;
    const moved = { ...camera, config: { ...camera.config, zoom: 6 } };
    expect(createTrial({ ...fields, parameters: { camera: moved } }, 'a grey heron').id).not.toBe(
      other,
    );
  });
});
