import { describe, expect, it } from 'vitest';
import {
  createIdeogramEndpoint,
  ideogram,
  ideogramOptionsSchema,
} from '../../src/endpoints/ideogram.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { ProviderServer } from './provider-server.ts';

const item = (server: ProviderServer, index: number, fields: Record<string, unknown> = {}) => ({
  prompt: request.promptText,
  resolution: '1024x1024',
  is_image_safe: true,
  seed: 7,
  style_type: 'GENERAL',
  url: server.medium(index).url,
  ...fields,
});
const unsafe = { is_image_safe: false, url: '' };
const answer = (...data: readonly unknown[]) => [{ json: { created: '2026-11-01', data } }];

describeAdapterContract({
  name: 'ideogram',
  modality: 'image',
  media: 'url',
  env: { IDEOGRAM_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createIdeogramEndpoint(
      'under-test',
      ideogramOptionsSchema.parse({ baseUrl, ...options }),
      environment,
      seams,
    ),
  success: (server, count) =>
    answer(...Array.from({ length: count }, (_, index) => item(server, index))),
  several: true,
  fewer: (server) => answer(item(server, 0), item(server, 2, unsafe), item(server, 1)),
  pending: { absent: 'answers at once' },
  unknownStatus: { absent: 'answers at once' },
  refusals: [
    {
      title: 'a prompt that failed the safety checks',
      replies: () => [
        { status: 422, json: { error: 'Prompt or provided image failed the safety checks' } },
      ],
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
    {
      title: 'the same as a detail',
      replies: () => [{ status: 422, json: { detail: 'Prompt provided failed safety check.' } }],
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
    {
      title: 'a picture that is marked unsafe, without an address',
      replies: (server) => answer(item(server, 0, unsafe)),
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'is_image_safe' },
    },
    {
      title: 'every one of several pictures',
      replies: (server) =>
        answer(item(server, 0, unsafe), item(server, 1, { is_image_safe: false, url: null })),
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'is_image_safe' },
    },
  ],
  errorInside200: {
    replies: () => [{ json: { error: 'The engine crashed' } }],
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: () => [{ status: 402, json: { error: 'Insufficient credits' } }] },
  rows: [
    {
      title: 'takes a 422 that names a wrong value for a bad request',
      replies: () => [{ status: 422, json: { error: 'Invalid input: aspect_ratio' } }],
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'takes an empty list for what it is',
      replies: () => answer(),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'takes a safe picture without an address for what it is',
      replies: (server) => answer(item(server, 0, { url: null })),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'keeps the rewritten prompt, and sends the key',
      replies: (server) => answer(item(server, 0, { prompt: 'A grey bird by a lake' })),
      expect: { kind: 'media' },
      check: ({ revisedPrompt }, calls) => {
        expect(revisedPrompt).toBe('A grey bird by a lake');
        expect(calls[0]).toMatchObject({
          path: '/v1/ideogram-v3/generate',
          headers: { 'api-key': SECRET },
        });
        expect(calls[0]?.headers['content-type']).toMatch(/^multipart\/form-data/);
      },
    },
  ],
});

describe('ideogram', () => {
  const parse = (options: Record<string, unknown> = {}) => ideogramOptionsSchema.parse(options);

  it('builds the request that the options say', () => {
    const options = parse({
      count: 2,
      aspectRatio: '16x9',
      renderingSpeed: 'TURBO',
      magicPrompt: 'OFF',
      parameters: { style_type: 'REALISTIC' },
    });
    expect(ideogram.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'v1/ideogram-v3/generate',
      body: {
        kind: 'form',
        fields: {
          num_images: '2',
          aspect_ratio: '16x9',
          rendering_speed: 'TURBO',
          magic_prompt: 'OFF',
          style_type: 'REALISTIC',
          prompt: request.promptText,
          seed: '7',
        },
      },
    });
    expect(ideogram.describe(options)).toMatchObject({
      parameters: { model: 'ideogram-v3', num_images: 2, magic_prompt: 'OFF' },
      safetySettings: {},
      takesSeed: true,
    });
  });

  it('calls the prompt and the detection as Ideogram 4 does', () => {
    const options = parse({ model: 'ideogram-v4', enableCopyrightDetection: true });
    expect(ideogram.buildRequest(options, request)).toMatchObject({
      url: 'v1/ideogram-v4/generate',
      body: { fields: { text_prompt: request.promptText, enable_copyright_detection: 'true' } },
    });
    expect(ideogram.describe(options).safetySettings).toEqual({ enable_copyright_detection: true });
  });

  it('folds a seed into the range of the API', () => {
    const { body } = ideogram.buildRequest(parse(), { ...request, seed: 2_147_483_648 });
    expect(body).toMatchObject({ fields: { seed: '0' } });
  });

  it('says how many pictures one request makes', () => {
    const parsed = ideogramOptionsSchema.safeParse({ count: 9 });
    expect(parsed.error?.issues[0]?.path).toEqual(['count']);
  });
});
