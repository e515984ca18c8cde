import { describe, expect, it } from 'vitest';
import {
  createMinimaxEndpoint,
  minimax,
  minimaxOptionsSchema,
} from '../../src/endpoints/minimax.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

const ok = { status_code: 0, status_msg: 'success' };
const submitted = { json: { task_id: '106916112212032', base_resp: ok } };
const state = (status: string, fields: Record<string, unknown> = {}) => ({
  json: { task_id: '106916112212032', status, file_id: '', base_resp: ok, ...fields },
});
const coded = (status_code: number, status_msg: string, status = 200): Replies => {
  return () => [{ status, json: { base_resp: { status_code, status_msg } } }];
};
const failing = (status_code: number, status_msg: string): Replies => {
  return () => [submitted, state('Fail', { base_resp: { status_code, status_msg } })];
};

// The newer API.
const V2 = { api: 'v2', model: 'MiniMax-H3' };
const submittedV2 = { json: { task_id: '424010985738629' } };
const taskV2 = (status: string, fields: Record<string, unknown> = {}) => ({
  json: { task: { id: '424010985738629', model: 'MiniMax-H3', status, ...fields } },
});
const errorV2 = (http: number, type: string, message: string): Replies => {
  return () => [
    {
      status: http,
      json: { type: 'error', error: { type, message, http_code: String(http) }, request_id: '02' },
    },
  ];
};

// Pictures.
const IMAGE = { model: 'image-01', modality: 'image' };

describeAdapterContract({
  name: 'minimax',
  modality: 'video',
  media: 'url',
  env: { MINIMAX_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createMinimaxEndpoint(
      'under-test',
      minimaxOptionsSchema.parse({ baseUrl, model: 'MiniMax-Hailuo-2.3', ...options }),
      environment,
      seams,
    ),
  success: (server) => [
    submitted,
    state('Preparing'),
    state('Queueing'),
    state('Processing'),
    state('Success', { file_id: '176844028768320', video_width: 1920, video_height: 1080 }),
    {
      json: {
        file: {
          file_id: 176_844_028_768_320,
          bytes: 0,
          created_at: 1_700_469_398,
          filename: 'output.mp4',
          purpose: 'video_generation',
          download_url: server.medium(0).url,
        },
        base_resp: ok,
      },
    },
  ],
  several: { absent: 'one video a request; pictures are below' },
  fewer: { absent: 'one video a request; pictures are below' },
  pending: () => [submitted, state('Queueing'), state('Processing')],
  forgotten: coded(2013, 'invalid params, task_id'),
  unknownStatus: () => [submitted, state('Paused')],
  silent: { words: 'a code tells it' },
  refusals: [
    {
      title: '1026 at the request, inside a success',
      replies: coded(1026, 'video description contains sensitive content'),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'code 1026' },
    },
    {
      title: '1026 of a task',
      replies: failing(1026, 'input new_sensitive'),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: '1027 of a task',
      replies: failing(1027, 'output new_sensitive'),
      expect: { mode: 'hard', stage: 'output_filter', signal: 'code 1027' },
    },
  ],
  errorInside200: {
    replies: coded(1000, 'unknown error'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: coded(1008, 'insufficient balance') },
  rows: [
    {
      title: 'reads its codes whatever the HTTP status',
      replies: coded(1026, 'sensitive', 500),
      expect: { kind: 'refused', mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'waits where it is asked too often, inside a success',
      replies: (server) => [
        ...coded(1002, 'rate limit')(server),
        submitted,
        state('Success', { file_id: '1' }),
        { json: { file: { download_url: server.medium(0).url }, base_resp: ok } },
      ],
      expect: { kind: 'media' },
      check: ({ evidence }) => {
        expect(evidence.retries.map(({ cause }) => cause)).toEqual(['http_429']);
      },
    },
    {
      title: 'does not lose a task that it was asked of too often',
      replies: (server) => [
        submitted,
        ...coded(1002, 'rate limit')(server),
        state('Success', { file_id: '1' }),
        ...coded(1039, 'rate limit')(server),
        { json: { file: { download_url: server.medium(0).url }, base_resp: ok } },
      ],
      expect: { kind: 'media' },
      check: (_generation, calls) =>
        expect(calls.map(({ path }) => path)).toEqual([
          '/v1/video_generation',
          '/v1/query/video_generation?task_id=106916112212032',
          '/v1/query/video_generation?task_id=106916112212032',
          '/v1/files/retrieve?file_id=1',
          '/v1/files/retrieve?file_id=1',
        ]),
    },
    {
      title: 'takes a wrong key for one',
      replies: coded(1004, 'login fail'),
      expect: { kind: 'failed', cause: 'auth' },
    },
    {
      title: 'takes parameters that do not fit for a bad request',
      replies: coded(2013, 'invalid params'),
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'does not take a task that failed without a code for a refusal',
      replies: failing(0, 'success'),
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'does not take a video for done before its file is there',
      replies: () => [submitted, state('Success')],
      expect: { kind: 'failed', cause: 'protocol' },
    },
    {
      title: 'v2: gets a video',
      options: V2,
      replies: (server) => [
        submittedV2,
        taskV2('queued'),
        taskV2('running'),
        taskV2('succeeded', { content: { url: server.medium(0).url } }),
      ],
      expect: { kind: 'media' },
      check: (_generation, calls) =>
        expect(calls.map(({ path }) => path).slice(0, 2)).toEqual([
          '/v2/video_generation',
          '/v2/query/video_generation/424010985738629',
        ]),
    },
    {
      title: 'v2: takes 1026 in brackets for a refusal',
      options: V2,
      replies: errorV2(
        422,
        'unprocessable_entity_error',
        'video description contains sensitive content (1026)',
      ),
      expect: { kind: 'refused', mode: 'hard', stage: 'prompt_filter', signal: 'code 1026' },
    },
    {
      title: 'v2: takes 1027 of a task for a refusal',
      options: V2,
      replies: () => [
        submittedV2,
        taskV2('failed', { error: { code: '1027', message: 'output sensitive' } }),
      ],
      expect: { kind: 'refused', mode: 'hard', stage: 'output_filter' },
    },
    {
      title: 'v2: takes a spent balance for a quota',
      options: V2,
      replies: errorV2(402, 'insufficient_balance_error', 'insufficient balance (1008)'),
      expect: { kind: 'failed', cause: 'quota' },
    },
    {
      title: 'v2: takes an expired task for a timeout',
      options: V2,
      replies: () => [submittedV2, taskV2('expired')],
      expect: { kind: 'failed', cause: 'timeout' },
    },
    {
      title: 'v2: fails on an unknown status',
      options: V2,
      replies: () => [submittedV2, taskV2('paused')],
      expect: { kind: 'failed', cause: 'protocol' },
    },
    {
      title: 'pictures: takes an empty list for what it is',
      options: IMAGE,
      replies: () => [
        {
          json: {
            data: { image_urls: [] },
            metadata: { failed_count: '1', success_count: '0' },
            base_resp: ok,
          },
        },
      ],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'pictures: takes 1027 for a refusal',
      options: IMAGE,
      replies: coded(1027, 'output sensitive'),
      expect: { kind: 'refused', mode: 'hard', stage: 'output_filter' },
    },
  ],
});

describe('minimax', () => {
  const parse = (options: Record<string, unknown>) => minimaxOptionsSchema.parse(options);
  const built = (options: Record<string, unknown>): unknown =>
    JSON.parse(JSON.stringify(minimax.buildRequest(parse(options), request)));

  it('builds the requests that the options say', () => {
    expect(
      built({
        model: 'MiniMax-Hailuo-2.3',
        promptOptimizer: false,
        parameters: { duration: 6, resolution: '768P' },
      }),
    ).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'v1/video_generation',
      body: {
        kind: 'json',
        value: {
          model: 'MiniMax-Hailuo-2.3',
          prompt_optimizer: false,
          duration: 6,
          resolution: '768P',
          prompt: request.promptText,
        },
      },
    });
    expect(built({ ...V2, parameters: { duration: 5, ratio: '16:9' } })).toMatchObject({
      url: 'v2/video_generation',
      body: {
        value: {
          model: 'MiniMax-H3',
          duration: 5,
          ratio: '16:9',
          content: [{ type: 'text', text: request.promptText }],
        },
      },
    });
    expect(built({ ...IMAGE, count: 3 })).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'v1/image_generation',
      body: {
        kind: 'json',
        value: {
          model: 'image-01',
          n: 3,
          response_format: 'url',
          prompt: request.promptText,
          seed: 7,
        },
      },
    });
  });

  it('takes the pictures that came, of those asked for', () => {
    const value = {
      data: { image_urls: ['https://m/1', 'https://m/2'] },
      metadata: { failed_count: 1, success_count: 2 },
      base_resp: ok,
    };
    const step = minimax.parseResponse(
      { status: 200, headers: {}, body: { kind: 'json', value } },
      { options: parse({ ...IMAGE, count: 3 }), call: 'submit', carry: {} },
    );
    expect(step).toMatchObject({
      media: [
        { kind: 'url', url: 'https://m/1' },
        { kind: 'url', url: 'https://m/2' },
      ],
    });
  });

  it('says what it cannot ask for', () => {
    const paths = (options: Record<string, unknown>) =>
      minimaxOptionsSchema
        .safeParse({ model: 'm', ...options })
        .error?.issues.map(({ path }) => path);
    expect(paths({ count: 2 })).toEqual([['count']]);
    expect(paths({ api: 'v2', modality: 'image' })).toEqual([['api']]);
    expect(paths({ modality: 'image', count: 2 })).toBeUndefined();
  });
});
