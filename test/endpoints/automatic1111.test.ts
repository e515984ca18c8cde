import { describe, expect, it } from 'vitest';
import {
  automatic1111,
  automatic1111OptionsSchema,
  createAutomatic1111Endpoint,
} from '../../src/endpoints/automatic1111.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { createContext, environment, request } from './memory-context.ts';
import { type ProviderServer, startProviderServer } from './provider-server.ts';

const info = (first: number) =>
  JSON.stringify({ prompt: request.promptText, index_of_first_image: first, all_seeds: [7] });
const pictures = (server: ProviderServer, indices: readonly number[], about?: string) => ({
  json: {
    images: indices.map((index) =>
      index === GRID ? largePicture(server) : server.medium(index).base64,
    ),
    parameters: { prompt: request.promptText },
    ...(about === undefined ? {} : { info: about }),
  },
});
const GRID = 9;
/** As long as a picture is, so that evidence leaves it out although nothing points at it. */
const largePicture = (server: ProviderServer) =>
  Buffer.concat([server.medium(GRID).bytes, Buffer.alloc(600, 1)]).toString('base64');

describeAdapterContract({
  name: 'automatic1111',
  modality: 'image',
  media: 'inline',
  env: { WEBUI_USER: 'someone', WEBUI_PASSWORD: SECRET },
  create: ({ baseUrl, options, environment: given, seams }) =>
    createAutomatic1111Endpoint(
      'under-test',
      automatic1111OptionsSchema.parse({
        baseUrl,
        userEnv: 'WEBUI_USER',
        passwordEnv: 'WEBUI_PASSWORD',
        ...options,
      }),
      given,
      seams,
    ),
  success: (server, count) => [
    pictures(
      server,
      Array.from({ length: count }, (_, index) => index),
      info(0),
    ),
  ],
  several: true,
  fewer: (server) => [pictures(server, [0, 1], info(0))],
  pending: { absent: 'answers at once' },
  refusals: { absent: 'pixels only' },
  unknownStatus: { absent: 'answers at once' },
  errorInside200: {
    replies: () => [{ json: { error: 'RuntimeError', detail: '', errors: 'worker died' } }],
    expect: { kind: 'failed', cause: 'protocol' },
  },
  quota: { absent: 'a server of your own has none' },
  rows: [
    {
      title: 'drops the grid that leads a batch',
      options: { count: 2 },
      replies: (server) => [pictures(server, [GRID, 0, 1], info(1))],
      expect: { kind: 'media', requested: 2, withheld: 0 },
      check: ({ evidence }) => expect(evidence.media).toHaveLength(2),
    },
    {
      title: 'leaves out what comes after the pictures',
      replies: (server) => [pictures(server, [0, GRID], info(0))],
      expect: { kind: 'media', requested: 1 },
      check: ({ evidence }) => expect(evidence.media).toHaveLength(1),
    },
    {
      title: 'takes a request without pictures for what it is',
      replies: () => [{ json: { images: [], info: info(0) } }],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'takes an unknown sampler for a bad request',
      replies: () => [
        { status: 404, json: { error: 'HTTPException', detail: 'Sampler not found' } },
      ],
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'takes a full memory for no refusal',
      replies: () => [
        { status: 500, json: { error: 'OutOfMemoryError', errors: 'CUDA out of memory.' } },
      ],
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'authenticates',
      replies: (server) => [pictures(server, [0])],
      expect: { kind: 'media' },
      check: (_generation, [call]) =>
        expect(call?.headers.authorization).toBe(
          `Basic ${Buffer.from(`someone:${SECRET}`).toString('base64')}`,
        ),
    },
  ],
});

describe('automatic1111', () => {
  const options = automatic1111OptionsSchema.parse({
    count: 2,
    model: 'v1-5.safetensors',
    overrideSettings: { CLIP_stop_at_last_layers: 2 },
    alwaysonScripts: { 'nsfw checker': { args: [true] } },
    parameters: { width: 512, steps: 20 },
  });

  it('builds the request that the options say', () => {
    expect(automatic1111.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'sdapi/v1/txt2img',
      body: {
        kind: 'json',
        value: {
          batch_size: 2,
          width: 512,
          steps: 20,
          override_settings: {
            CLIP_stop_at_last_layers: 2,
            sd_model_checkpoint: 'v1-5.safetensors',
          },
          alwayson_scripts: { 'nsfw checker': { args: [true] } },
          prompt: request.promptText,
          seed: 7,
        },
      },
    });
    expect(automatic1111.describe(options)).toMatchObject({
      parameters: { batch_size: 2, sd_model_checkpoint: 'v1-5.safetensors' },
      safetySettings: { 'alwayson_scripts.nsfw checker': '{"args":[true]}' },
    });
  });

  it.each([
    ['with the index told', info(1)],
    ['without', undefined],
  ])('drops the grid and nothing else, %s', async (_title, about) => {
    const server = await startProviderServer('image');
    server.play([pictures(server, [GRID, 0, 1], about)]);
    const endpoint = createAutomatic1111Endpoint(
      'under-test',
      automatic1111OptionsSchema.parse({ baseUrl: server.url, count: 2 }),
      environment,
    );
    const context = createContext();
    await endpoint.generate(request, context);
    await endpoint.close();
    await server.stop();
    expect(context.stored.map((bytes) => Buffer.from(bytes))).toEqual([
      server.medium(0).bytes,
      server.medium(1).bytes,
    ]);
  });

  it('takes the loaded checkpoint for the revision', async () => {
    const server = await startProviderServer('image');
    server.play([{ json: { sd_model_checkpoint: 'v1-5.safetensors [6ce0161689]' } }]);
    const endpoint = createAutomatic1111Endpoint(
      'under-test',
      automatic1111OptionsSchema.parse({ baseUrl: server.url }),
      environment,
    );
    const description = await endpoint.describe(createContext().signal);
    await endpoint.close();
    await server.stop();
    expect(description.revision).toBe('v1-5.safetensors [6ce0161689]');
  });

  it('wants both halves of the credentials', () => {
    const parsed = automatic1111OptionsSchema.safeParse({ userEnv: 'WEBUI_USER' });
    expect(parsed.error?.issues[0]?.path).toEqual(['passwordEnv']);
  });
});
