import { describe, expect, it } from 'vitest';
import {
  createGeminiImageEndpoint,
  geminiImage,
  geminiImageOptionsSchema,
} from '../../src/endpoints/gemini-image.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { ProviderServer } from './provider-server.ts';

const usage = { promptTokenCount: 9, totalTokenCount: 1300 };
const answer = (candidate: Record<string, unknown>) => ({
  json: {
    candidates: [{ index: 0, ...candidate }],
    usageMetadata: usage,
    modelVersion: 'gemini-2.5-flash-image',
    responseId: 'r-1',
  },
});
const finished =
  (finishReason: string, fields: Record<string, unknown> = {}): Replies =>
  () => [answer({ finishReason, ...fields })];
const said = (text: string) => ({ content: { role: 'model', parts: [{ text }] } });
const blocked =
  (blockReason: string): Replies =>
  () => [{ json: { promptFeedback: { blockReason }, usageMetadata: usage } }];
/** A `google.rpc.Status` as HTTP errors hold it. */
const error =
  (code: number, message: string, details: unknown[] = [], status = 'INVALID_ARGUMENT'): Replies =>
  () => [{ status: code, json: { error: { code, message, status, details } } }];
const quota = (...ids: string[]) =>
  error(
    429,
    'You exceeded your current quota, please check your plan and billing details.',
    [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: ids.map((quotaId) => ({ quotaId })),
      },
    ],
    'RESOURCE_EXHAUSTED',
  );

/** A picture as long as real ones are. */
const draft = (server: ProviderServer) =>
  Buffer.concat([server.medium(0).bytes, Buffer.alloc(600, 'x')]).toString('base64');

describeAdapterContract({
  name: 'gemini-image',
  modality: 'image',
  media: 'inline',
  env: { GEMINI_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createGeminiImageEndpoint(
      'under-test',
      geminiImageOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1beta`,
        model: 'gemini-2.5-flash-image',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server) => [
    answer({
      finishReason: 'STOP',
      content: {
        role: 'model',
        parts: [
          { text: 'Here is your picture.' },
          { inlineData: { mimeType: 'image/png', data: server.medium(0).base64 } },
        ],
      },
    }),
  ],
  several: { absent: 'one picture a request' },
  fewer: { absent: 'one picture a request' },
  pending: { absent: 'answers at once' },
  unknownStatus: finished('DAYDREAM'),
  refusals: [
    ...['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'JAILBREAK'].map(
      (reason) => ({
        title: `a blocked prompt: ${reason}`,
        replies: blocked(reason),
        expect: {
          mode: 'hard' as const,
          stage: 'prompt_filter' as const,
          signal: `blockReason ${reason}`,
        },
      }),
    ),
    ...[
      'SAFETY',
      'PROHIBITED_CONTENT',
      'BLOCKLIST',
      'RECITATION',
      'SPII',
      'IMAGE_SAFETY',
      'IMAGE_PROHIBITED_CONTENT',
      'IMAGE_RECITATION',
    ].map((reason) => ({
      title: `a filtered picture: ${reason}`,
      replies: finished(reason, { finishMessage: 'Unable to show the generated image.' }),
      expect: {
        mode: 'hard' as const,
        stage: 'output_filter' as const,
        signal: `finishReason ${reason}`,
      },
    })),
    {
      title: 'words alone with STOP',
      replies: finished('STOP', said("I'm sorry, but I can't create that image.")),
      expect: { mode: 'text', stage: 'model' },
    },
    {
      title: 'words beside the ambiguous NO_IMAGE',
      replies: finished('NO_IMAGE', said('I am unable to generate images of that kind.')),
      expect: { mode: 'text', stage: 'model' },
    },
    {
      title: 'a support code of the prompt in an HTTP error',
      replies: error(400, 'The prompt could not be submitted. Support codes: 58061214'),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'support code 58061214' },
    },
  ],
  errorInside200: {
    replies: () => [
      { json: { error: { code: 500, message: 'Internal error', status: 'INTERNAL' } } },
    ],
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier') },
  rows: [
    {
      title: 'takes a spent minute for a rate, though its message speaks of a quota',
      replies: (server) => [
        ...quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier')(server),
        answer({
          finishReason: 'STOP',
          content: { parts: [{ inlineData: { data: server.medium(0).base64 } }] },
        }),
      ],
      expect: { kind: 'media' },
      check: ({ evidence }) => expect(evidence.retries).toHaveLength(1),
    },
    {
      title: 'takes a day among the spent limits for a quota',
      replies: quota(
        'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
        'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
      ),
      expect: { kind: 'failed', cause: 'quota' },
    },
    {
      title: 'takes a bad key, answered with 400, for one',
      replies: error(400, 'API key not valid. Please pass a valid API key.', [
        { reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
      ]),
      expect: { kind: 'failed', cause: 'auth' },
    },
    ...['NO_IMAGE', 'IMAGE_OTHER', 'OTHER', 'MAX_TOKENS', 'STOP'].map((reason) => ({
      title: `does not take ${reason} without words for a refusal`,
      replies: finished(reason),
      expect: { kind: 'failed' as const, cause: 'no_media' as const },
    })),
    {
      title: 'does not take a harmless answer in words for a refusal',
      replies: finished('STOP', said('What style would you like?')),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'leaves the drafts of a thinking model out, and keeps the version',
      replies: (server) => [
        answer({
          finishReason: 'STOP',
          content: {
            parts: [
              { thought: true, inlineData: { data: draft(server) } },
              { inlineData: { data: server.medium(1).base64 }, thoughtSignature: 'B'.repeat(600) },
            ],
          },
        }),
      ],
      expect: { kind: 'media', requested: 1, withheld: 0 },
      check: ({ reported, evidence }, calls) => {
        expect(evidence.media).toHaveLength(1);
        expect(evidence.fault).toBeUndefined();
        expect(reported?.revision).toBe('gemini-2.5-flash-image');
        expect(calls[0]).toMatchObject({
          path: '/v1beta/models/gemini-2.5-flash-image:generateContent',
          headers: { 'x-goog-api-key': SECRET },
        });
      },
    },
    {
      title: 'sends an access token to Vertex AI',
      options: { auth: 'bearer' },
      replies: blocked('MODEL_ARMOR'),
      expect: { kind: 'refused', stage: 'prompt_filter' },
      check: (_generation, calls) => {
        expect(calls[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
        expect(calls[0]?.headers['x-goog-api-key']).toBeUndefined();
      },
    },
  ],
});

describe('gemini-image', () => {
  const options = geminiImageOptionsSchema.parse({
    model: 'gemini-2.5-flash-image',
    aspectRatio: '16:9',
    safetySettings: { HARM_CATEGORY_HATE_SPEECH: 'BLOCK_NONE' },
    sendSeed: true,
    parameters: { temperature: 1 },
  });

  it('builds the request that the options say', () => {
    const { body } = geminiImage.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: {
        contents: [{ role: 'user', parts: [{ text: request.promptText }] }],
        generationConfig: {
          responseModalities: ['TEXT', 'IMAGE'],
          imageConfig: { aspectRatio: '16:9' },
          seed: 7,
          temperature: 1,
        },
        safetySettings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_NONE' }],
      },
    });
  });

  it('tells its safety settings apart', () => {
    expect(geminiImage.describe(options)).toMatchObject({
      parameters: { model: 'gemini-2.5-flash-image', aspectRatio: '16:9', temperature: 1 },
      safetySettings: { HARM_CATEGORY_HATE_SPEECH: 'BLOCK_NONE' },
      takesSeed: true,
      revision: null,
    });
  });

  it('says that one request makes one picture', () => {
    const parsed = geminiImageOptionsSchema.safeParse({ model: 'm', count: 2 });
    expect(parsed.error?.issues[0]?.path).toEqual(['count']);
  });
});
