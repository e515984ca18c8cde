import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  createKlingEndpoint,
  kling,
  klingOptionsSchema,
  signKlingToken,
} from '../../src/endpoints/kling.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

const ACCESS_KEY = 'an-access-key-of-kling';
const ID = '831922345719271433';
// The suite's clock.
const AT = new Date('2026-11-01T12:00:00Z');

const answer = (data: unknown, code = 0, message = 'SUCCEED') => ({
  json: { code, message, request_id: 'Cjq0J2Z', ...(data === undefined ? {} : { data }) },
});
const task = (task_status: string, fields: Record<string, unknown> = {}) =>
  answer({
    task_id: ID,
    task_status,
    task_info: {},
    created_at: 1_722_769_557_708,
    updated_at: 1_722_769_557_708,
    ...fields,
  });
const failing =
  (task_status_msg: string): Replies =>
  () => [task('submitted'), task('failed', { task_status_msg })];
const coded = (status: number, code: number, message: string): Replies => {
  return () => [{ status, ...answer(undefined, code, message) }];
};

describeAdapterContract({
  name: 'kling',
  modality: 'image',
  media: 'url',
  env: { KLING_ACCESS_KEY: ACCESS_KEY, KLING_SECRET_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createKlingEndpoint(
      'under-test',
      klingOptionsSchema.parse({ baseUrl, model: 'kling-v2-1', modality: 'image', ...options }),
      environment,
      seams,
    ),
  success: (server, count) => [
    task('submitted'),
    task('processing'),
    task('succeed', {
      task_status_msg: '',
      task_result: {
        images: Array.from({ length: count }, (_, index) => ({
          index,
          url: server.medium(index).url,
        })),
      },
    }),
  ],
  several: true,
  fewer: (server) => [
    task('submitted'),
    task('succeed', {
      task_result: { images: [0, 1].map((index) => ({ index, url: server.medium(index).url })) },
    }),
  ],
  pending: () => [task('submitted'), task('processing')],
  forgotten: coded(404, 1203, 'The requested resource does not exist'),
  unknownStatus: () => [task('submitted'), task('paused')],
  silent: { output: 'the risk control system does not say what it looked at' },
  refusals: [
    {
      title: 'the risk control system',
      replies: failing('Failure to pass the risk control system'),
      expect: { mode: 'hard', stage: 'unknown', signal: 'risk control system' },
    },
    {
      title: 'code 1301 at the request',
      replies: coded(400, 1301, "The request triggered the platform's content security policy"),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'code 1301' },
    },
    {
      title: 'code 1301 inside a success',
      replies: coded(200, 1301, 'content security policy'),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'other words of a failed task',
      replies: failing('The prompt contains sensitive words'),
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
  ],
  errorInside200: {
    replies: coded(200, 5000, 'Server internal error'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: coded(429, 1102, 'Resource pack depleted') },
  rows: [
    {
      title: 'takes an account in arrears for a quota',
      replies: coded(429, 1101, 'Account in arrears'),
      expect: { kind: 'failed', cause: 'quota' },
    },
    {
      title: 'waits for a place among the account’s own tasks',
      replies: (server) => [
        ...coded(429, 1303, 'parallel task over resource pack limit')(server),
        task('submitted'),
        task('succeed', { task_result: { images: [{ url: server.medium(0).url }] } }),
      ],
      expect: { kind: 'media' },
      check: ({ evidence }) => expect(evidence.retries).toHaveLength(1),
    },
    {
      title: 'takes an expired token for one',
      replies: coded(401, 1004, 'Authorization has expired'),
      expect: { kind: 'failed', cause: 'auth' },
    },
    {
      title: 'does not take any policy of the platform for a refusal',
      replies: coded(400, 1300, 'Trigger strategy of the platform'),
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'takes a failed machine for a failure',
      replies: failing('generation error'),
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'signs every call',
      replies: (server) => [
        task('submitted'),
        task('succeed', { task_result: { images: [{ url: server.medium(0).url }] } }),
      ],
      expect: { kind: 'media' },
      check: ({ evidence }, calls) => {
        const token = signKlingToken(ACCESS_KEY, SECRET, AT);
        expect(calls.map(({ path, headers }) => [path, headers.authorization])).toEqual([
          ['/v1/images/generations', `Bearer ${token}`],
          [`/v1/images/generations/${ID}`, `Bearer ${token}`],
        ]);
        expect(JSON.stringify(evidence)).not.toContain(token.slice(-20));
      },
    },
    {
      title: 'speaks to the newer routes',
      options: { routes: 'tasks', modality: 'video', model: 'kling-3.0' },
      replies: () => [
        answer({ id: ID, status: 'submitted' }),
        answer([{ id: ID, status: 'processing' }]),
        answer([{ id: ID, status: 'failed', message: 'Failure to pass the risk control system' }]),
      ],
      expect: { kind: 'refused', mode: 'hard', stage: 'unknown' },
      check: (_generation, calls) =>
        expect(calls.map(({ path }) => path)).toEqual([
          '/text-to-video/kling-3.0',
          `/tasks?task_ids=${ID}`,
          `/tasks?task_ids=${ID}`,
        ]),
    },
    {
      title: 'fails on a task that the newer routes have lost',
      options: { routes: 'tasks', modality: 'video', model: 'kling-3.0' },
      replies: () => [answer({ id: ID, status: 'submitted' }), answer([])],
      expect: { kind: 'failed', cause: 'protocol' },
    },
  ],
});

describe('kling', () => {
  const parse = (options: Record<string, unknown>) => klingOptionsSchema.parse(options);
  const decode = (part: string | undefined): unknown =>
    JSON.parse(Buffer.from(part ?? '', 'base64url').toString());

  it('builds the request that the options say', () => {
    const options = parse({ model: 'kling-v2-6', parameters: { mode: 'pro', duration: '5' } });
    const call = kling.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(call))).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'v1/videos/text2video',
      body: {
        kind: 'json',
        value: {
          model_name: 'kling-v2-6',
          mode: 'pro',
          duration: '5',
          prompt: request.promptText,
        },
      },
    });
    const newer = parse({ model: 'kling-3.0', routes: 'tasks', parameters: { duration: 5 } });
    expect(kling.buildRequest(newer, request).body).toEqual({
      kind: 'json',
      value: { prompt: request.promptText, settings: { duration: 5 } },
    });
  });

  it('finds videos in either shape of an answer', () => {
    for (const data of [
      { task_id: ID, task_status: 'succeed', task_result: { videos: [{ url: 'https://k/1' }] } },
      [{ id: ID, status: 'succeeded', outputs: [{ type: 'video', url: 'https://k/1' }] }],
    ]) {
      const step = kling.parseResponse(
        { status: 200, headers: {}, body: { kind: 'json', value: { code: 0, data } } },
        { options: parse({ model: 'kling-v2-6' }), call: 'status', carry: {} },
      );
      expect(step).toMatchObject({ kind: 'done', media: [{ kind: 'url', url: 'https://k/1' }] });
    }
  });

  it('takes a bill in dollars for the cost, and no other', () => {
    const options = parse({ model: 'kling-3.0', routes: 'tasks' });
    const costOf = (...billing: unknown[]) => {
      const value = { code: 0, data: [{ id: ID, status: 'succeeded', billing }] };
      const reply = { status: 200, headers: {}, body: { kind: 'json' as const, value } };
      const step = kling.parseResponse(reply, { options, call: 'status', carry: {} });
      return step.kind === 'done' ? step.costUsd : 'not done';
    };
    const cash = (amount: string, currency: string) => ({ charge_type: 'cash', amount, currency });
    expect(costOf(cash('0.42', 'USD'))).toBe(0.42);
    expect(costOf(cash('0.42', 'USD'), cash('3', 'CNY'))).toBeUndefined();
    expect(costOf({ charge_type: 'unit', amount: '3' })).toBeUndefined();
    expect(costOf()).toBeUndefined();
  });

  it('signs a token for half an hour, as RFC 7519 wants it', () => {
    const [header, payload, signature] = signKlingToken('AK', 'SK', AT).split('.');
    const nowSeconds = AT.getTime() / 1_000;
    expect(decode(header)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(decode(payload)).toEqual({
      iss: 'AK',
      exp: nowSeconds + 1_800,
      nbf: nowSeconds - 5,
    });
    expect(signature).toBe(
      createHmac('sha256', 'SK').update(`${header}.${payload}`).digest('base64url'),
    );
  });

  it('takes an API key in place of the pair', () => {
    const { authorization } = kling.describe(
      parse({ model: 'kling-3.0', apiKeyEnv: 'KLING_API_KEY' }),
    );
    expect(authorization.variables).toEqual({ key: 'KLING_API_KEY' });
  });

  it('says what it cannot ask for', () => {
    const paths = (options: Record<string, unknown>) =>
      klingOptionsSchema
        .safeParse({ model: 'm', ...options })
        .error?.issues.map(({ path }) => path);
    expect(paths({ count: 2 })).toEqual([['count']]);
    expect(paths({ routes: 'tasks', modality: 'image' })).toEqual([['routes']]);
    expect(paths({ modality: 'image', count: 2 })).toBeUndefined();
  });
});
