import { describe, expect, it } from 'vitest';
import {
  createOpenaiVideosEndpoint,
  openaiVideos,
  openaiVideosOptionsSchema,
} from '../../src/endpoints/openai-videos.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

/** A job's state; the server plays the content of the job `medium-0`. */
const job = (status: string, fields: Record<string, unknown> = {}) => ({
  json: {
    id: 'medium-0',
    object: 'video',
    created_at: 1_762_000_000,
    status,
    model: 'sora-2',
    progress: 0,
    prompt: request.promptText,
    seconds: '4',
    size: '1280x720',
    error: null,
    ...fields,
  },
});
const failedWith =
  (error: unknown): Replies =>
  () => [job('queued'), job('failed', { error })];
const turnedAway =
  (status: number, error: Record<string, unknown>): Replies =>
  () => [{ status, json: { error: { type: 'invalid_request_error', param: null, ...error } } }];

describeAdapterContract({
  name: 'openai-videos',
  modality: 'video',
  media: 'url',
  env: { OPENAI_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createOpenaiVideosEndpoint(
      'under-test',
      openaiVideosOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1`,
        tokenEnv: 'OPENAI_API_KEY',
        model: 'sora-2',
        ...options,
      }),
      environment,
      seams,
    ),
  success: () => [job('queued'), job('in_progress', { progress: 40 }), job('completed')],
  several: { absent: 'one video a request' },
  fewer: { absent: 'one video a request' },
  pending: () => [job('queued'), job('in_progress')],
  forgotten: () => [
    {
      status: 404,
      json: { error: { message: 'Not found.', type: 'invalid_request_error', code: null } },
    },
  ],
  unknownStatus: () => [job('queued'), job('daydreaming')],
  refusals: [
    {
      title: 'a job that moderation ended',
      replies: failedWith({
        code: 'moderation_blocked',
        message: 'Your request was blocked by our moderation system.',
      }),
      expect: { mode: 'hard', stage: 'unknown', signal: 'moderation_blocked' },
    },
    {
      title: 'content_filter',
      replies: failedWith({ code: 'content_filter', message: 'Filtered.' }),
      expect: { mode: 'hard', stage: 'unknown', signal: 'content_filter' },
    },
    {
      title: 'moderation of the inputs',
      replies: failedWith({
        code: 'moderation_blocked',
        message: 'The request is blocked by our moderation system when checking inputs.',
      }),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'moderation of the outputs',
      replies: failedWith({
        code: 'moderation_blocked',
        moderation_details: { moderation_stage: 'output' },
      }),
      expect: { mode: 'hard', stage: 'output_filter' },
    },
    {
      title: 'a job that was turned away',
      replies: turnedAway(400, { code: 'moderation_blocked', message: 'Blocked.' }),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'moderation_blocked' },
    },
    {
      title: 'words without a code',
      replies: failedWith({ code: null, message: 'The generated video was flagged as unsafe.' }),
      expect: { mode: 'text', stage: 'output_filter' },
    },
  ],
  errorInside200: {
    replies: failedWith({ code: 'internal_error', message: 'The engine crashed.' }),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: turnedAway(429, { code: 'insufficient_quota', message: 'You exceeded your quota.' }),
  },
  rows: [
    {
      title: 'does not take sentinel_block, which depends on the client, for a refusal',
      replies: turnedAway(400, {
        code: 'sentinel_block',
        message: "Hmmm something didn't look right with your request.",
      }),
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'does not take a failure without an error for a refusal',
      replies: failedWith(null),
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'writes a form, asks for the state, and keeps a rewritten prompt and the snapshot',
      replies: () => [
        { ...job('queued'), headers: { 'openai-poll-after-ms': '2500' } },
        job('completed', { model: 'sora-2-2025-12-08', prompt: 'A grey bird by a lake' }),
      ],
      expect: { kind: 'media' },
      check: ({ revisedPrompt, reported, latencyMs }, calls) => {
        expect(revisedPrompt).toBe('A grey bird by a lake');
        expect(reported?.revision).toBe('sora-2-2025-12-08');
        expect(latencyMs).toBe(2_500);
        expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
          'POST /v1/videos',
          'GET /v1/videos/medium-0',
        ]);
        expect(calls[0]?.headers['content-type']).toMatch(/^multipart\/form-data/);
        expect(calls.map(({ headers }) => headers.authorization)).toEqual([
          `Bearer ${SECRET}`,
          `Bearer ${SECRET}`,
        ]);
      },
    },
    {
      title: 'leaves the path where it is, whatever the job is called',
      replies: () => [job('queued', { id: '../../other?x=1' })],
      options: { timeoutMs: 2_000 },
      expect: { kind: 'failed', cause: 'timeout' },
      check: (_generation, calls) =>
        expect(calls[1]?.path).toBe('/v1/videos/..%2F..%2Fother%3Fx%3D1'),
    },
  ],
});

describe('openai-videos', () => {
  const parse = (options: Record<string, unknown>) =>
    openaiVideosOptionsSchema.parse({ model: 'sora-2', ...options });

  it('builds the form that the options say', () => {
    const options = parse({ seconds: 4, size: '1280x720', parameters: { safety_level: 'low' } });
    expect(openaiVideos.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'videos',
      body: {
        kind: 'form',
        fields: {
          model: 'sora-2',
          size: '1280x720',
          seconds: '4',
          safety_level: 'low',
          prompt: request.promptText,
        },
      },
    });
    expect(openaiVideos.describe(options)).toMatchObject({
      parameters: { model: 'sora-2', size: '1280x720', seconds: '4' },
      safetySettings: { safety_level: 'low' },
      takesSeed: false,
      revision: null,
    });
  });

  it('builds JSON with a seed where a server takes it', () => {
    const options = parse({ encoding: 'json', sendSeed: true, parameters: { fps: 16 } });
    const { body } = openaiVideos.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: { model: 'sora-2', fps: 16, prompt: request.promptText, seed: 7 },
    });
  });

  it('knows a snapshot by its date', () => {
    expect(openaiVideos.describe(parse({ model: 'sora-2-2025-10-06' })).revision).toBe(
      'sora-2-2025-10-06',
    );
  });

  it('wants a key at OpenAI, and elsewhere only where one is named', () => {
    const variables = (options: Record<string, unknown>) =>
      openaiVideos.describe(parse(options)).authorization.variables;
    expect(variables({})).toEqual({ key: 'OPENAI_API_KEY' });
    expect(variables({ baseUrl: 'http://127.0.0.1:30000/v1' })).toEqual({});
  });
});
