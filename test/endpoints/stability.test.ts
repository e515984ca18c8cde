import { describe, expect, it } from 'vitest';
import {
  createStabilityEndpoint,
  stability,
  stabilityOptionsSchema,
} from '../../src/endpoints/stability.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { PlayedReply, ProviderServer } from './provider-server.ts';

const picture = (server: ProviderServer, reason?: string): PlayedReply => ({
  headers: {
    'content-type': 'image/png',
    seed: '7',
    ...(reason === undefined ? {} : { 'finish-reason': reason }),
  },
  bytes: server.medium(0).bytes,
});
const error = (status: number, name: string, ...errors: string[]) => [
  { status, json: { id: 'e-1', name, errors } },
];

describeAdapterContract({
  name: 'stability',
  modality: 'image',
  media: 'body',
  env: { STABILITY_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createStabilityEndpoint(
      'under-test',
      stabilityOptionsSchema.parse({ baseUrl, service: 'core', ...options }),
      environment,
      seams,
    ),
  success: (server) => [picture(server, 'SUCCESS')],
  several: { absent: 'one picture a request' },
  fewer: { absent: 'one picture a request' },
  pending: { absent: 'answers at once' },
  unknownStatus: (server) => [picture(server, 'DAYDREAM')],
  silent: { words: 'a header or the name of the error tells it' },
  refusals: [
    {
      title: 'a blurred picture with HTTP 200, told by its header',
      replies: (server) => [picture(server, 'CONTENT_FILTERED')],
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'CONTENT_FILTERED' },
    },
    {
      title: 'the same in JSON',
      replies: (server) => [
        {
          json: { image: server.medium(0).base64, finish_reason: 'CONTENT_FILTERED', seed: 7 },
        },
      ],
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'CONTENT_FILTERED' },
    },
    {
      title: 'a denied request',
      replies: () =>
        error(
          403,
          'content_moderation',
          'Your request was flagged by our content moderation system, as a result your request was denied and you were not charged.',
        ),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'content_moderation' },
    },
  ],
  errorInside200: {
    replies: () => error(200, 'internal_error', 'An unexpected server error has occurred.'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: () => error(402, 'payment_required', 'You lack sufficient credits.'),
  },
  rows: [
    {
      title: 'takes a forbidden key for one, not for a refusal',
      replies: () => error(403, 'forbidden', 'You do not have access to this resource.'),
      expect: { kind: 'failed', cause: 'auth' },
    },
    {
      title: 'takes JSON that holds the picture',
      options: { answer: 'json' },
      replies: (server) => [
        { json: { image: server.medium(0).base64, finish_reason: 'SUCCESS', seed: 7 } },
      ],
      expect: { kind: 'media' },
      check: (_generation, calls) => expect(calls[0]?.headers.accept).toBe('application/json'),
    },
    {
      title: 'takes a picture without the header',
      replies: (server) => [picture(server)],
      expect: { kind: 'media' },
    },
    {
      title: 'keeps the blurred picture with the evidence',
      replies: (server) => [picture(server, 'CONTENT_FILTERED')],
      expect: { kind: 'refused' },
      check: ({ evidence }, calls) => {
        expect(evidence.media).toHaveLength(1);
        expect(calls[0]).toMatchObject({
          path: '/v2beta/stable-image/generate/core',
          headers: { accept: 'image/*', authorization: `Bearer ${SECRET}` },
        });
        expect(calls[0]?.headers['content-type']).toMatch(/^multipart\/form-data/);
      },
    },
  ],
});

describe('stability', () => {
  const parse = (options: Record<string, unknown> = {}) =>
    stabilityOptionsSchema.parse({ service: 'sd3', model: 'sd3.5-large', ...options });

  it('builds the request that the options say', () => {
    const options = parse({ aspectRatio: '16:9', parameters: { cfg_scale: 4 } });
    expect(stability.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'v2beta/stable-image/generate/sd3',
      headers: { accept: 'image/*' },
      body: {
        kind: 'form',
        fields: {
          model: 'sd3.5-large',
          aspect_ratio: '16:9',
          output_format: 'png',
          cfg_scale: '4',
          prompt: request.promptText,
          seed: '7',
        },
      },
    });
    expect(stability.describe(options)).toMatchObject({
      parameters: { service: 'sd3', model: 'sd3.5-large', cfg_scale: 4 },
      safetySettings: {},
    });
  });

  it.each([
    [0, '4294967294'],
    [4_294_967_294, '4294967294'],
    [4_294_967_296, '1'],
  ])('never sends a seed that stands for a random one: %i', (seed, sent) => {
    const { body } = stability.buildRequest(parse(), { ...request, seed });
    expect(body).toMatchObject({ fields: { seed: sent } });
  });

  it('says that one request makes one picture', () => {
    const parsed = stabilityOptionsSchema.safeParse({ service: 'core', count: 2 });
    expect(parsed.error?.issues[0]?.path).toEqual(['count']);
  });
});
