import { describe, expect, it } from 'vitest';
import { createLumaEndpoint, luma, lumaOptionsSchema } from '../../src/endpoints/luma.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

const ID = '123e4567-e89b-12d3-a456-426614174000';
const generation = (state: string, fields: Record<string, unknown> = {}) => ({
  json: {
    id: ID,
    type: 'video',
    state,
    model: 'ray-3.2',
    created_at: '2026-11-01T12:00:00Z',
    output: [],
    failure_reason: null,
    failure_code: null,
    ...fields,
  },
});
const failing =
  (failure_code: string | null, failure_reason: string | null): Replies =>
  () => [generation('queued'), generation('failed', { failure_code, failure_reason })];
/** The older API has no code. */
const dreamFailing = (failure_reason: string): Replies => {
  const job = { id: ID, model: 'ray-2', request: { prompt: request.promptText }, assets: null };
  return () => [
    { status: 201, json: { ...job, state: 'queued' } },
    { json: { ...job, state: 'failed', failure_reason } },
  ];
};
const DREAM_MACHINE = { api: 'dream-machine', model: 'ray-2' };

describeAdapterContract({
  name: 'luma',
  modality: 'video',
  media: 'url',
  env: { LUMA_AGENTS_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createLumaEndpoint(
      'under-test',
      lumaOptionsSchema.parse({
        baseUrl,
        tokenEnv: 'LUMA_AGENTS_API_KEY',
        model: 'ray-3.2',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server) => [
    generation('queued'),
    generation('processing'),
    generation('completed', { output: [{ type: 'video', url: server.medium(0).url }] }),
  ],
  several: { absent: 'one medium a request' },
  fewer: { absent: 'one medium a request' },
  pending: () => [generation('queued'), generation('processing')],
  forgotten: () => [{ status: 404, json: { detail: 'Generation not found' } }],
  unknownStatus: () => [generation('queued'), generation('paused')],
  silent: { output: '`content_moderated` does not say what was looked at' },
  refusals: [
    {
      title: 'content_moderated',
      replies: failing('content_moderated', 'The content was moderated.'),
      expect: { mode: 'hard', stage: 'unknown', signal: 'content_moderated' },
    },
    {
      title: 'content_moderated as a reason',
      replies: failing(null, 'content_moderated'),
      expect: { mode: 'hard', stage: 'unknown', signal: 'content_moderated' },
    },
    {
      title: 'words without a code',
      replies: failing(null, 'Prompt was flagged by content moderation'),
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
  ],
  errorInside200: {
    replies: failing('generation_failed', 'Something went wrong'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: failing('budget_exhausted', 'The budget is exhausted') },
  rows: [
    {
      title: 'takes a lost output for one',
      replies: failing('output_not_found', null),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'takes a finished generation without a video for what it is',
      replies: () => [generation('completed')],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'speaks to the older API',
      options: DREAM_MACHINE,
      replies: (server) => [
        { status: 201, json: { id: ID, state: 'queued', assets: null } },
        { json: { id: ID, state: 'dreaming', assets: null } },
        {
          json: {
            id: ID,
            state: 'completed',
            assets: { video: server.medium(0).url, image: `${server.url}/media/9.png` },
          },
        },
      ],
      expect: { kind: 'media', requested: 1, withheld: 0 },
      check: (_generation, calls) => {
        expect(calls.map(({ path }) => path)).toEqual([
          '/generations/video',
          `/generations/${ID}`,
          `/generations/${ID}`,
        ]);
        expect(calls[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
      },
    },
    {
      title: 'takes content_moderated of the older API for a refusal',
      options: DREAM_MACHINE,
      replies: dreamFailing('content_moderated'),
      expect: { kind: 'refused', mode: 'hard', stage: 'unknown' },
    },
    {
      title: 'does not take a moderation that broke for a refusal',
      options: DREAM_MACHINE,
      replies: dreamFailing('400: failed to moderate image'),
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'does not take an ambiguous reason for a refusal',
      options: DREAM_MACHINE,
      replies: dreamFailing('Advanced moderation failed'),
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'takes credits that are spent for a quota',
      options: DREAM_MACHINE,
      replies: () => [{ status: 400, json: { detail: 'Insufficient credits' } }],
      expect: { kind: 'failed', cause: 'quota' },
    },
  ],
});

describe('luma', () => {
  it('builds the request that the options say', () => {
    const options = lumaOptionsSchema.parse({
      model: 'uni-1',
      modality: 'image',
      parameters: { aspect_ratio: '16:9' },
    });
    expect(luma.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'generations',
      body: {
        kind: 'json',
        value: {
          type: 'image',
          model: 'uni-1',
          aspect_ratio: '16:9',
          prompt: request.promptText,
        },
      },
    });
    const older = lumaOptionsSchema.parse({ ...DREAM_MACHINE, parameters: { resolution: '720p' } });
    expect(luma.buildRequest(older, request).body).toEqual({
      kind: 'json',
      value: { model: 'ray-2', resolution: '720p', prompt: request.promptText },
    });
  });

  it('knows the address and the key of either API', () => {
    const described = (options: Record<string, unknown>) =>
      luma.describe(lumaOptionsSchema.parse(options));
    expect(described({ model: 'ray-3.2' })).toMatchObject({
      baseUrl: 'https://agents.lumalabs.ai/v1',
      authorization: { variables: { key: 'LUMA_AGENTS_API_KEY' } },
      takesSeed: false,
    });
    expect(described(DREAM_MACHINE)).toMatchObject({
      baseUrl: 'https://api.lumalabs.ai/dream-machine/v1',
      authorization: { variables: { key: 'LUMAAI_API_KEY' } },
    });
  });
});
