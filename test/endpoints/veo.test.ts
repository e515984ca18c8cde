import { describe, expect, it } from 'vitest';
import { createVeoEndpoint, veo, veoOptionsSchema } from '../../src/endpoints/veo.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

const NAME = 'models/veo-3.0-generate-001/operations/op-1';
const VERTEX_NAME =
  'projects/p/locations/us-central1/publishers/google/models/veo-3.0-generate-001/operations/op-1';
const running = { json: { name: NAME } };
const done = (response: Record<string, unknown>) => ({
  json: {
    name: NAME,
    done: true,
    response: {
      '@type': 'type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse',
      generateVideoResponse: response,
    },
  },
});
const ended =
  (response: Record<string, unknown>): Replies =>
  () => [running, done(response)];
const filtered = (...raiMediaFilteredReasons: string[]) =>
  ended({ raiMediaFilteredCount: raiMediaFilteredReasons.length, raiMediaFilteredReasons });
/** An operation that ended with an error. */
const failedWith =
  (code: number, message: string): Replies =>
  () => [running, { json: { name: NAME, done: true, error: { code, message } } }];

describeAdapterContract({
  name: 'veo',
  modality: 'video',
  media: 'url',
  env: { GEMINI_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createVeoEndpoint(
      'under-test',
      veoOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1beta`,
        model: 'veo-3.0-generate-001',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server, count) => [
    running,
    running,
    done({
      generatedSamples: Array.from({ length: count }, (_, index) => ({
        video: { uri: server.medium(index).url },
      })),
    }),
  ],
  several: true,
  fewer: (server) => [
    running,
    done({
      generatedSamples: [0, 1].map((index) => ({ video: { uri: server.medium(index).url } })),
      raiMediaFilteredCount: 1,
      raiMediaFilteredReasons: ['Support codes: 56562880'],
    }),
  ],
  pending: () => [running, { json: { name: NAME, done: false } }],
  forgotten: () => [
    {
      status: 404,
      json: { error: { code: 404, message: 'Operation not found.', status: 'NOT_FOUND' } },
    },
  ],
  unknownStatus: { absent: 'an operation is done or it is not' },
  refusals: [
    {
      title: 'filtered videos, with a code of neither side',
      replies: filtered(
        'Veo could not generate 1 videos based on the prompt provided. Support codes: 42237218',
      ),
      expect: { mode: 'flagged', stage: 'unknown', signal: 'raiMediaFilteredReasons' },
    },
    {
      title: 'filtered videos, with a code of the output',
      replies: filtered('Veo could not generate 1 videos. Support codes: 17301594'),
      expect: { mode: 'flagged', stage: 'output_filter' },
    },
    {
      title: 'filtered videos, with a code of the prompt',
      replies: filtered('Veo could not generate 1 videos. Support codes: 29310472'),
      expect: { mode: 'flagged', stage: 'prompt_filter' },
    },
    {
      title: 'filtered sound',
      replies: filtered(
        'We encountered an issue with the audio for your prompt, which means we could not create your video.',
      ),
      expect: { mode: 'flagged', stage: 'unknown' },
    },
    {
      title: 'a count without reasons',
      replies: ended({ raiMediaFilteredCount: 1 }),
      expect: { mode: 'flagged', stage: 'unknown', signal: 'raiMediaFilteredCount' },
    },
    {
      title: "Vertex AI's filter, without the wrapper",
      replies: () => [
        running,
        { json: { name: NAME, done: true, response: { raiMediaFilteredCount: 1 } } },
      ],
      expect: { mode: 'flagged', signal: 'raiMediaFilteredCount' },
    },
    {
      title: 'an operation that ended with a code of the prompt',
      replies: failedWith(
        3,
        "The prompt could not be submitted. This prompt contains words that violate Vertex AI's usage guidelines. Support codes: 29310472",
      ),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'support code 29310472' },
    },
    {
      title: 'an operation that ended with words about the prompt',
      replies: failedWith(
        3,
        "The prompt could not be submitted. This prompt contains words that violate Vertex AI's usage guidelines.",
      ),
      expect: { mode: 'text' },
    },
  ],
  errorInside200: {
    replies: failedWith(13, 'Video generation failed due to an internal server issue.'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: () => [
      {
        status: 429,
        json: {
          error: {
            code: 429,
            status: 'RESOURCE_EXHAUSTED',
            message: 'You exceeded your current quota, please check your plan and billing details.',
          },
        },
      },
    ],
  },
  rows: [
    {
      title: 'does not take an operation without videos for a refusal',
      replies: ended({}),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'reads the code of a busy service',
      replies: failedWith(14, 'The service is currently unavailable.'),
      expect: { kind: 'failed', cause: 'cold' },
    },
    {
      title: 'asks for the operation, and for the file with the key',
      replies: (server) => [
        running,
        done({ generatedSamples: [{ video: { uri: server.medium(0).url } }] }),
      ],
      expect: { kind: 'media' },
      check: (_generation, calls) => {
        expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
          'POST /v1beta/models/veo-3.0-generate-001:predictLongRunning',
          `GET /v1beta/${NAME}`,
        ]);
        expect(calls.map(({ headers }) => headers['x-goog-api-key'])).toEqual([SECRET, SECRET]);
      },
    },
    {
      title: "asks for Vertex AI's operation by its own route, and takes inlined bytes",
      options: { auth: 'bearer' },
      replies: (server) => [
        { json: { name: VERTEX_NAME } },
        { json: { name: VERTEX_NAME } },
        {
          json: {
            name: VERTEX_NAME,
            done: true,
            response: {
              raiMediaFilteredCount: 0,
              videos: [{ bytesBase64Encoded: server.medium(0).base64, mimeType: 'video/mp4' }],
            },
          },
        },
      ],
      expect: { kind: 'media' },
      check: (_generation, calls) => {
        expect(calls[2]).toMatchObject({
          method: 'POST',
          path: '/v1beta/models/veo-3.0-generate-001:fetchPredictOperation',
        });
        expect(JSON.parse(calls[2]?.body ?? '')).toEqual({ operationName: VERTEX_NAME });
      },
    },
    {
      title: 'does not follow an operation to a foreign origin',
      replies: () => [{ json: { name: 'https://veo.example.org/x' } }],
      expect: { kind: 'failed', cause: 'protocol' },
    },
  ],
});

describe('veo', () => {
  const options = veoOptionsSchema.parse({
    model: 'veo-3.0-generate-001',
    aspectRatio: '16:9',
    durationSeconds: 8,
    personGeneration: 'allow_all',
    sendSeed: true,
    parameters: { resolution: '720p' },
  });

  it('builds the request that the options say', () => {
    const { body } = veo.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: {
        instances: [{ prompt: request.promptText }],
        parameters: {
          sampleCount: 1,
          aspectRatio: '16:9',
          durationSeconds: 8,
          personGeneration: 'allow_all',
          resolution: '720p',
          seed: 7,
        },
      },
    });
  });

  it('tells its safety settings apart, and that its model is pinned', () => {
    expect(veo.describe(options)).toMatchObject({
      parameters: { model: 'veo-3.0-generate-001', durationSeconds: 8, resolution: '720p' },
      safetySettings: { personGeneration: 'allow_all' },
      revision: 'veo-3.0-generate-001',
    });
  });

  it('turns away what cannot be fetched', () => {
    const parsed = veoOptionsSchema.safeParse({
      model: 'm',
      parameters: { storageUri: 'gs://bucket/x' },
    });
    expect(parsed.error?.issues[0]?.path).toEqual(['parameters', 'storageUri']);
  });
});
