import { describe, expect, it } from 'vitest';
import {
  blackForestLabs,
  blackForestLabsOptionsSchema,
  createBlackForestLabsEndpoint,
} from '../../src/endpoints/black-forest-labs.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { ProviderServer } from './provider-server.ts';

const submitted = (server: ProviderServer) => ({
  json: {
    id: 'job-1',
    polling_url: `${server.url}/v1/get_result?id=job-1`,
    cost: 3,
    input_mp: 0,
    output_mp: 1,
  },
});
const state = (status: string, fields: Record<string, unknown> = {}) => ({
  json: { id: 'job-1', status, result: null, progress: null, details: null, ...fields },
});
const ended =
  (status: string, fields: Record<string, unknown> = {}): Replies =>
  (server) => [submitted(server), state(status, fields)];

describeAdapterContract({
  name: 'black-forest-labs',
  modality: 'image',
  media: 'url',
  env: { BFL_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createBlackForestLabsEndpoint(
      'under-test',
      blackForestLabsOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1`,
        model: 'flux-2-pro',
        safetyTolerance: 2,
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server) => [
    submitted(server),
    state('Pending'),
    state('Ready', {
      result: { sample: server.medium(0).url, prompt: request.promptText, seed: 7 },
    }),
  ],
  several: { absent: 'one picture a request' },
  fewer: { absent: 'one picture a request' },
  pending: (server) => [submitted(server), state('Pending')],
  forgotten: () => [state('Task not found')],
  unknownStatus: ended('Daydreaming'),
  silent: { words: 'a state of the job tells it' },
  refusals: [
    {
      title: 'Request Moderated',
      replies: ended('Request Moderated', {
        details: { 'Moderation Reasons': ['Protected Content'] },
      }),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'Request Moderated' },
    },
    {
      title: 'Content Moderated',
      replies: ended('Content Moderated', { details: { 'Moderation Reasons': ['Violence'] } }),
      expect: { mode: 'hard', stage: 'output_filter', signal: 'Content Moderated' },
    },
  ],
  errorInside200: {
    replies: ended('Error', { details: { error: 'worker died' } }),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: () => [{ status: 402, json: { detail: 'Insufficient credits' } }] },
  rows: [
    {
      title: 'fails on a lost job, which is answered with 404',
      replies: (server) => [submitted(server), { status: 404, ...state('Task not found') }],
      expect: { kind: 'failed', cause: 'protocol' },
    },
    {
      title: 'takes a finished job without a picture for what it is',
      replies: ended('Ready'),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'does not follow a job to a foreign origin',
      replies: () => [{ json: { id: 'job-1', polling_url: 'https://bfl.ai.example.org/x' } }],
      expect: { kind: 'failed', cause: 'protocol' },
      check: (_generation, calls) => expect(calls).toHaveLength(1),
    },
    {
      title: 'counts credits as cents, and keeps a rewritten prompt',
      replies: (server) => [
        submitted(server),
        state('Ready', { result: { sample: server.medium(0).url, prompt: 'A grey bird' } }),
      ],
      expect: { kind: 'media' },
      check: ({ costUsd, revisedPrompt }, calls) => {
        expect(costUsd).toBe(0.03);
        expect(revisedPrompt).toBe('A grey bird');
        expect(calls.map(({ headers }) => headers['x-key'])).toEqual([SECRET, SECRET]);
        expect(calls.map(({ path }) => path)).toEqual([
          '/v1/flux-2-pro',
          '/v1/get_result?id=job-1',
        ]);
      },
    },
  ],
});

describe('black-forest-labs', () => {
  const options = blackForestLabsOptionsSchema.parse({
    model: 'flux-2-pro',
    safetyTolerance: 0,
    parameters: { width: 1024 },
  });

  it('builds the request that the options say', () => {
    expect(blackForestLabs.buildRequest(options, request)).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'flux-2-pro',
      body: {
        kind: 'json',
        value: { safety_tolerance: 0, width: 1024, prompt: request.promptText, seed: 7 },
      },
    });
  });

  it('trusts its regions, and them alone', () => {
    expect(blackForestLabs.describe(options)).toMatchObject({
      ownHosts: ['.bfl.ai'],
      parameters: { model: 'flux-2-pro', width: 1024 },
      safetySettings: { safety_tolerance: 0 },
    });
    const proxied = blackForestLabs.describe({ ...options, baseUrl: 'https://proxy.example/v1' });
    expect(proxied.ownHosts).toEqual([]);
  });

  it('says that one request makes one picture', () => {
    const parsed = blackForestLabsOptionsSchema.safeParse({ model: 'flux-2-pro', count: 2 });
    expect(parsed.error?.issues[0]?.path).toEqual(['count']);
  });
});
