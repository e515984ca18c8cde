import { describe, expect, it } from 'vitest';
import {
  createReplicateEndpoint,
  replicate,
  replicateOptionsSchema,
} from '../../src/endpoints/replicate.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { createContext, environment, request } from './memory-context.ts';
import { startProviderServer } from './provider-server.ts';

const VERSION = '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa';

const prediction = (status: string, fields: Record<string, unknown> = {}) => ({
  status: 201,
  json: {
    id: 'gm3qorzdhgbfurvjtvhg6dckhu',
    model: 'black-forest-labs/flux-schnell',
    version: 'hidden',
    input: { prompt: request.promptText },
    logs: 'Loading safety checker',
    output: null,
    error: null,
    status,
    urls: { get: 'https://api.replicate.com/v1/predictions/gm3qorzdhgbfurvjtvhg6dckhu' },
    ...fields,
  },
});
const failing =
  (error: unknown): Replies =>
  () => [prediction('starting'), prediction('failed', { error })];

describeAdapterContract({
  name: 'replicate',
  modality: 'image',
  media: 'url',
  env: { REPLICATE_API_TOKEN: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createReplicateEndpoint(
      'under-test',
      replicateOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1`,
        model: 'black-forest-labs/flux-schnell',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server, count) => [
    prediction('starting'),
    prediction('processing'),
    prediction('succeeded', {
      output: Array.from({ length: count }, (_, index) => server.medium(index).url),
    }),
  ],
  several: true,
  fewer: (server) => [
    prediction('succeeded', {
      logs: 'NSFW content detected in image 2',
      output: [server.medium(0).url, server.medium(1).url],
    }),
  ],
  pending: () => [prediction('starting'), prediction('processing')],
  forgotten: () => [{ status: 404, json: { detail: 'Not found.', status: 404 } }],
  unknownStatus: () => [prediction('queued')],
  silent: { input: 'E005 and the words of checkers do not tell it from the output' },
  refusals: [
    {
      title: 'E005, with an id behind it',
      replies: failing(
        'The input or output was flagged as sensitive. Please try again with different inputs. (E005) (uIJ6l3ruRD)',
      ),
      expect: { mode: 'hard', stage: 'unknown', signal: 'E005' },
    },
    {
      title: 'the words of a checker',
      replies: failing('NSFW content detected. Try running it again, or try a different prompt.'),
      expect: { mode: 'text', stage: 'unknown' },
    },
    {
      title: 'the words of a checker that names the pictures',
      replies: failing(
        'All generated images contained NSFW content. Try running it again with a different prompt.',
      ),
      expect: { mode: 'text', stage: 'output_filter' },
    },
    {
      title: 'words in place of a picture',
      replies: () => [
        prediction('succeeded', { output: ['I am un', 'able to generate', ' images of that.'] }),
      ],
      expect: { mode: 'text' },
    },
  ],
  errorInside200: {
    replies: failing('CUDA error: an illegal memory access was encountered'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: () => [
      {
        status: 402,
        json: {
          title: 'Insufficient credit',
          detail: 'You have insufficient credit to run this model.',
          status: 402,
        },
      },
    ],
  },
  rows: [
    {
      title: 'takes a single address',
      replies: (server) => [prediction('succeeded', { output: server.medium(0).url })],
      expect: { kind: 'media' },
      check: (generation, calls) => {
        expect(generation.reported).toBeUndefined();
        expect(calls).toHaveLength(1);
        expect(calls[0]).toMatchObject({
          path: '/v1/models/black-forest-labs/flux-schnell/predictions',
          headers: { authorization: `Bearer ${SECRET}`, prefer: 'wait' },
        });
      },
    },
    {
      title: 'takes a data URI, and reports the version that ran',
      replies: (server) => [
        prediction('succeeded', {
          version: VERSION,
          output: [`data:image/png;base64,${server.medium(0).base64}`],
        }),
      ],
      expect: { kind: 'media' },
      check: (generation) => expect(generation.reported).toEqual({ revision: VERSION }),
    },
    {
      title: 'does not take its log for a refusal',
      replies: () => [prediction('succeeded', { output: [] })],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'takes a prediction that was stopped for a failure',
      replies: () => [prediction('canceled')],
      expect: { kind: 'failed', cause: 'unknown' },
    },
    {
      title: 'takes a prediction that never began for a timeout',
      replies: () => [prediction('aborted')],
      expect: { kind: 'failed', cause: 'timeout' },
    },
    {
      title: 'takes a busy service for one',
      replies: failing(
        'Service is currently unavailable due to high demand. Please try again later. (E003)',
      ),
      expect: { kind: 'failed', cause: 'unknown' },
    },
  ],
});

describe('replicate', () => {
  const parse = (options: Record<string, unknown>) => replicateOptionsSchema.parse(options);

  it('builds the request that the options say', () => {
    const options = parse({
      model: `stability-ai/sdxl:${VERSION}`,
      count: 2,
      disableSafetyChecker: false,
      wait: false,
      parameters: { width: 512 },
    });
    expect(JSON.parse(JSON.stringify(replicate.buildRequest(options, request)))).toEqual({
      name: 'submit',
      method: 'POST',
      url: 'predictions',
      body: {
        kind: 'json',
        value: {
          version: VERSION,
          input: {
            num_outputs: 2,
            disable_safety_checker: false,
            width: 512,
            prompt: request.promptText,
            seed: 7,
          },
        },
      },
    });
    expect(replicate.describe(options)).toMatchObject({
      revision: VERSION,
      parameters: { num_outputs: 2, width: 512 },
      safetySettings: { disable_safety_checker: false },
    });
  });

  it('leaves out what is not asked for', () => {
    const options = parse({ model: 'a/b', sendSeed: false, safetyTolerance: 2 });
    const { body } = replicate.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: { input: { prompt: request.promptText, safety_tolerance: 2 } },
    });
    expect(replicate.describe(options)).toMatchObject({
      takesSeed: false,
      revision: null,
      safetySettings: { safety_tolerance: 2 },
    });
  });

  it('resolves the newest version where none is pinned', async () => {
    const server = await startProviderServer('image');
    const create = (model: string) =>
      createReplicateEndpoint('under-test', parse({ baseUrl: `${server.url}/v1`, model }), {
        ...environment,
        env: { REPLICATE_API_TOKEN: SECRET },
      });
    const described = async (model: string) => {
      const endpoint = create(model);
      const { revision } = await endpoint.describe(createContext().signal);
      await endpoint.close();
      return { revision, asked: server.calls.at(-1)?.path };
    };
    server.play([{ json: { latest_version: { id: VERSION } } }]);
    expect(await described('a/b')).toEqual({ revision: VERSION, asked: '/v1/models/a/b' });
    expect(await described('a/b:1234')).toEqual({
      revision: '1234',
      asked: '/v1/models/a/b/versions/1234',
    });
    await server.stop();
  });

  it('wants an owner and a name', () => {
    expect(replicateOptionsSchema.safeParse({ model: 'flux-schnell' }).success).toBe(false);
  });
});
