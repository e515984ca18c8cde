import { describe, expect, it } from 'vitest';
import { createFalEndpoint, fal, falOptionsSchema } from '../../src/endpoints/fal.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { PlayedReply, ProviderServer } from './provider-server.ts';

const job = (server: ProviderServer) => `${server.url}/fal-ai/flux/requests/764cabcf`;
const submitted = (server: ProviderServer): PlayedReply => ({
  json: {
    status: 'IN_QUEUE',
    request_id: '764cabcf',
    response_url: job(server),
    status_url: `${job(server)}/status`,
    cancel_url: `${job(server)}/cancel`,
    logs: null,
    metrics: {},
    queue_position: 0,
  },
});
const state = (status: string): PlayedReply => ({
  status: status === 'COMPLETED' ? 200 : 202,
  json: { status, request_id: '764cabcf', logs: null },
});
const ended =
  (...result: readonly PlayedReply[]): Replies =>
  (server) => [submitted(server), state('COMPLETED'), ...result];
const image = (server: ProviderServer, index: number) => ({
  url: server.medium(index).url,
  width: 1024,
  height: 768,
  content_type: 'image/png',
});
/** A violation as the documents write it. */
const violation = (fields: Record<string, unknown>): PlayedReply => ({
  status: 422,
  headers: { 'x-fal-retryable': 'false' },
  json: {
    detail: [
      {
        loc: ['body', 'prompt'],
        msg: 'The content could not be processed because it was flagged by a content checker.',
        type: 'content_policy_violation',
        url: 'https://docs.fal.ai/errors#content_policy_violation',
        input: { prompt: request.promptText },
        ...fields,
      },
    ],
  },
});

describeAdapterContract({
  name: 'fal',
  modality: 'image',
  media: 'url',
  env: { FAL_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createFalEndpoint(
      'under-test',
      falOptionsSchema.parse({ baseUrl, model: 'fal-ai/flux/dev', ...options }),
      environment,
      seams,
    ),
  success: (server, count) => [
    submitted(server),
    state('IN_QUEUE'),
    state('IN_PROGRESS'),
    state('COMPLETED'),
    {
      json: {
        images: Array.from({ length: count }, (_, index) => image(server, index)),
        timings: { inference: 1.2 },
        seed: 7,
        has_nsfw_concepts: Array.from({ length: count }, () => false),
        prompt: request.promptText,
      },
    },
  ],
  several: true,
  fewer: (server) => [
    ...ended({
      json: {
        images: [image(server, 0), image(server, 1)],
        has_nsfw_concepts: [false, true],
        prompt: request.promptText,
      },
    })(server),
  ],
  pending: (server) => [submitted(server), state('IN_QUEUE'), state('IN_PROGRESS')],
  forgotten: () => [{ status: 404, json: { detail: 'Request not found' } }],
  unknownStatus: (server) => [submitted(server), state('PAUSED')],
  refusals: [
    {
      title: 'a violation at the prompt, behind COMPLETED',
      replies: ended(violation({ categories: ['sexual'] })),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'content_policy_violation' },
    },
    {
      title: "a violation that the model's own moderation found",
      replies: ended(violation({ categories: ['model_moderated'] })),
      expect: { mode: 'hard', stage: 'model' },
    },
    {
      title: 'a violation that names no input',
      replies: ended(violation({ loc: ['body'] })),
      expect: { mode: 'hard', stage: 'unknown' },
    },
    {
      title: 'a violation at once',
      replies: () => [violation({})],
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'a bare list of issues',
      replies: ended({
        status: 422,
        json: [{ loc: ['body', 'prompt'], msg: 'Flagged.', type: 'content_policy_violation' }],
      }),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'the flag on every picture, with the black picture kept',
      replies: (server) =>
        ended({ json: { images: [image(server, 0)], has_nsfw_concepts: [true] } })(server),
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'has_nsfw_concepts' },
    },
    {
      title: 'words of models that do not keep to the structure',
      replies: ended({
        status: 422,
        json: { detail: 'The prompt was rejected by the safety system of the provider.' },
      }),
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
    {
      title: 'words in place of a picture',
      replies: ended({ json: { images: [], description: 'I cannot create that picture.' } }),
      expect: { mode: 'text', stage: 'model' },
    },
  ],
  errorInside200: {
    replies: ended({ json: { detail: 'Something broke', error_type: 'internal_error' } }),
    expect: { kind: 'failed', cause: 'no_media' },
  },
  quota: {
    replies: () => [
      {
        status: 403,
        json: {
          detail:
            'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.',
        },
      },
    ],
  },
  rows: [
    {
      title: 'takes an account that fal has locked for one',
      replies: () => [{ status: 403, json: { detail: 'User is locked. Reason: Admin lock.' } }],
      expect: { kind: 'failed', cause: 'auth' },
    },
    {
      title: 'takes an input that does not fit for a bad request',
      replies: ended({
        status: 422,
        json: {
          detail: [{ loc: ['body', 'num_images'], msg: 'ensure this', type: 'value_error' }],
        },
      }),
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'takes a job that ran out of time for a timeout',
      options: { maxAttempts: 1 },
      replies: ended({
        status: 504,
        json: { detail: 'Request timed out', error_type: 'request_timeout' },
      }),
      expect: { kind: 'failed', cause: 'timeout' },
    },
    {
      title: 'does not follow a job to a foreign origin',
      replies: () => [
        {
          json: {
            request_id: 'x',
            status_url: 'https://queue.fal.run.example.org/x/status',
            response_url: 'https://queue.fal.run.example.org/x',
          },
        },
      ],
      expect: { kind: 'failed', cause: 'protocol' },
      check: (_generation, calls) => expect(calls).toHaveLength(1),
    },
    {
      title: 'follows the routes of the job, and keeps the expanded prompt',
      replies: (server) =>
        ended({ json: { image: image(server, 0), actual_prompt: 'A grey bird' } })(server),
      expect: { kind: 'media' },
      check: ({ revisedPrompt }, calls) => {
        expect(revisedPrompt).toBe('A grey bird');
        expect(calls.map(({ path }) => path)).toEqual([
          '/fal-ai/flux/dev',
          '/fal-ai/flux/requests/764cabcf/status',
          '/fal-ai/flux/requests/764cabcf',
        ]);
        expect(calls.map(({ headers }) => headers.authorization)).toEqual(
          Array.from({ length: 3 }, () => `Key ${SECRET}`),
        );
      },
    },
    {
      title: 'keeps the black picture of a flagged answer as evidence',
      replies: (server) =>
        ended({ json: { images: [image(server, 0)], has_nsfw_concepts: [true] } })(server),
      expect: { kind: 'refused' },
      check: ({ evidence }) => expect(evidence.media).toHaveLength(1),
    },
  ],
});

describe('fal', () => {
  const options = falOptionsSchema.parse({
    model: 'fal-ai/flux-pro/v1.1',
    count: 2,
    enableSafetyChecker: false,
    safetyTolerance: 5,
    parameters: { image_size: 'square_hd' },
  });

  it('builds the request that the options say', () => {
    expect(fal.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'fal-ai/flux-pro/v1.1',
      body: {
        kind: 'json',
        value: {
          num_images: 2,
          enable_safety_checker: false,
          safety_tolerance: '5',
          image_size: 'square_hd',
          prompt: request.promptText,
          seed: 7,
        },
      },
    });
    expect(fal.describe(options)).toMatchObject({
      parameters: { model: 'fal-ai/flux-pro/v1.1', num_images: 2, image_size: 'square_hd' },
      safetySettings: { enable_safety_checker: false, safety_tolerance: '5' },
    });
  });

  it('finds a video', () => {
    const step = fal.parseResponse(
      {
        status: 200,
        headers: {},
        body: { kind: 'json', value: { video: { url: 'https://v3.fal.media/x.mp4' } } },
      },
      { options, call: 'result', carry: {} },
    );
    expect(step).toMatchObject({ media: [{ kind: 'url', url: 'https://v3.fal.media/x.mp4' }] });
  });
});
