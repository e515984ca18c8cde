import { describe, expect, it } from 'vitest';
import { createRunwayEndpoint, runway, runwayOptionsSchema } from '../../src/endpoints/runway.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

const ID = '17f20503-6c24-4c16-946b-35dbbce2af2f';
const submitted = { json: { id: ID, estimatedCost: { credits: 60 } } };
const task = (status: string, fields: Record<string, unknown> = {}) => ({
  json: { id: ID, status, createdAt: '2026-11-01T12:00:00.000Z', ...fields },
});
const failing =
  (failureCode: string | undefined, failure = 'An unexpected error occurred.'): Replies =>
  () => [submitted, task('FAILED', { failure, failureCode, cost: { credits: 60 } })];

describeAdapterContract({
  name: 'runway',
  modality: 'video',
  media: 'url',
  env: { RUNWAYML_API_SECRET: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createRunwayEndpoint(
      'under-test',
      runwayOptionsSchema.parse({ baseUrl, model: 'gen4.5', ratio: '1280:720', ...options }),
      environment,
      seams,
    ),
  success: (server) => [
    submitted,
    task('PENDING', { estimatedCost: { credits: 60 } }),
    task('THROTTLED', { estimatedCost: { credits: 60 } }),
    task('RUNNING', { progress: 0.5, estimatedCost: { credits: 60 } }),
    task('SUCCEEDED', { output: [server.medium(0).url], cost: { credits: 60 } }),
  ],
  several: { absent: 'one medium a request' },
  fewer: { absent: 'one medium a request' },
  pending: () => [submitted, task('PENDING'), task('THROTTLED')],
  forgotten: () => [{ status: 404, json: { error: 'Not found' } }],
  unknownStatus: () => [submitted, task('DREAMING')],
  refusals: [
    {
      title: 'SAFETY.INPUT.TEXT',
      replies: failing('SAFETY.INPUT.TEXT'),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'SAFETY.INPUT.TEXT' },
    },
    {
      title: 'SAFETY.OUTPUT.VIDEO',
      replies: failing('SAFETY.OUTPUT.VIDEO'),
      expect: { mode: 'hard', stage: 'output_filter', signal: 'SAFETY.OUTPUT.VIDEO' },
    },
    {
      title: 'INPUT_PREPROCESSING.SAFETY.TEXT',
      replies: failing('INPUT_PREPROCESSING.SAFETY.TEXT'),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'INPUT_PREPROCESSING.SAFETY.THIRD_PARTY, which does not tell what it blocked',
      replies: failing(
        'INPUT_PREPROCESSING.SAFETY.THIRD_PARTY',
        "Your request was blocked by this model provider's content moderation system.",
      ),
      expect: { mode: 'hard', stage: 'unknown' },
    },
    {
      title: 'SAFETY alone',
      replies: failing('SAFETY'),
      expect: { mode: 'hard', stage: 'unknown' },
    },
    {
      title: 'words without a code',
      replies: failing(undefined, 'The prompt was rejected by content moderation.'),
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
  ],
  errorInside200: {
    replies: failing('INTERNAL'),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: () => [
      { status: 400, json: { error: 'You do not have enough credits to run this task.' } },
    ],
  },
  rows: [
    {
      title: 'takes bad output for a failure, whatever its words',
      replies: failing('INTERNAL.BAD_OUTPUT.CODE01', 'The output was blocked by a safety filter.'),
      expect: { kind: 'failed', cause: 'unknown', detail: 'INTERNAL.BAD_OUTPUT.CODE01' },
    },
    {
      title: 'takes an input that does not fit for a bad request',
      replies: failing('ASSET.INVALID'),
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'takes a cancelled task for a failure',
      replies: () => [submitted, task('CANCELLED', { cost: { credits: 0 } })],
      expect: { kind: 'failed', cause: 'unknown' },
      check: ({ costUsd }) => expect(costUsd).toBe(0),
    },
    {
      title: 'counts the cost of moderated tasks',
      replies: failing('SAFETY.INPUT.TEXT'),
      expect: { kind: 'refused' },
      check: ({ costUsd }) => expect(costUsd).toBe(0.6),
    },
    {
      title: 'names the version of the API in every call, and waits five seconds',
      replies: (server) => [
        submitted,
        task('RUNNING'),
        task('SUCCEEDED', { output: [server.medium(0).url], cost: { credits: 25 } }),
      ],
      expect: { kind: 'media' },
      check: ({ costUsd, latencyMs }, calls) => {
        expect(costUsd).toBe(0.25);
        expect(latencyMs).toBe(10_000);
        expect(calls.map(({ path }) => path)).toEqual([
          '/v1/text_to_video',
          `/v1/tasks/${ID}`,
          `/v1/tasks/${ID}`,
        ]);
        for (const { headers } of calls) {
          expect(headers['x-runway-version']).toBe('2024-11-06');
          expect(headers.authorization).toBe(`Bearer ${SECRET}`);
        }
      },
    },
  ],
});

describe('runway', () => {
  const options = runwayOptionsSchema.parse({
    model: 'gen4.5',
    ratio: '1280:720',
    durationSec: 5,
    publicFigureThreshold: 'low',
    parameters: { outputFormat: 'mp4' },
  });

  it('builds the request that the options say', () => {
    expect(runway.buildRequest(options, request).body).toEqual({
      kind: 'json',
      value: {
        model: 'gen4.5',
        ratio: '1280:720',
        duration: 5,
        contentModeration: { publicFigureThreshold: 'low' },
        outputFormat: 'mp4',
        promptText: request.promptText,
        seed: 7,
      },
    });
    const image = runwayOptionsSchema.parse({
      model: 'gen4_image',
      modality: 'image',
      sendSeed: false,
    });
    const { url, body } = runway.buildRequest(image, request);
    expect(url).toBe('v1/text_to_image');
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: { model: 'gen4_image', promptText: request.promptText },
    });
  });

  it('records the setting of moderation, and warns of what refusals cost', () => {
    expect(runway.describe(options)).toMatchObject({
      parameters: { model: 'gen4.5', ratio: '1280:720', duration: 5, outputFormat: 'mp4' },
      safetySettings: { 'contentModeration.publicFigureThreshold': 'low' },
      notice: expect.stringContaining('maxRefusals'),
    });
  });
});
