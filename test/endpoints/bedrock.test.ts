import { describe, expect, it } from 'vitest';
import {
  bedrock,
  bedrockOptionsSchema,
  createBedrockEndpoint,
} from '../../src/endpoints/bedrock.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

const STABILITY = 'stability.stable-image-ultra-v1:1';
const error =
  (status: number, name: string, message: string): Replies =>
  () => [
    {
      status,
      headers: { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/` },
      json: { message },
    },
  ];
const withheld =
  (fields: Record<string, unknown>): Replies =>
  () => [{ json: fields }];

describeAdapterContract({
  name: 'bedrock',
  modality: 'image',
  media: 'inline',
  env: { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createBedrockEndpoint(
      'under-test',
      bedrockOptionsSchema.parse({ baseUrl, model: 'amazon.nova-canvas-v1:0', ...options }),
      environment,
      seams,
    ),
  success: (server, count) => [
    {
      json: { images: Array.from({ length: count }, (_, index) => server.medium(index).base64) },
    },
  ],
  several: true,
  fewer: (server) => [
    {
      json: {
        images: [server.medium(0).base64, server.medium(1).base64],
        error: 'Some of the generated images have been blocked by our content filters.',
      },
    },
  ],
  pending: { absent: 'answers at once' },
  unknownStatus: { absent: 'answers at once' },
  refusals: [
    {
      title: 'a deflected prompt',
      replies: error(
        400,
        'ValidationException',
        'This request has been blocked by our content filters. Please adjust your text prompt to submit a new request.',
      ),
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
    {
      title: 'deflected pictures, all of them',
      replies: withheld({
        images: [],
        error: 'All of the generated images have been blocked by our content filters.',
      }),
      expect: { mode: 'text', stage: 'output_filter' },
    },
    {
      title: 'deflected pictures without a list',
      replies: withheld({
        error: 'All of the generated images have been blocked by our content filters.',
      }),
      expect: { mode: 'text', stage: 'output_filter' },
    },
    {
      title: "Stability's filter of the prompt",
      replies: withheld({ finish_reasons: ['Filter reason: prompt'] }),
      expect: { mode: 'flagged', stage: 'prompt_filter', signal: 'Filter reason: prompt' },
    },
    {
      title: "Stability's filter of the picture, which may come with one",
      replies: withheld({
        seeds: [7],
        finish_reasons: ['Filter reason: output image'],
        images: ['base64'],
      }),
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'Filter reason: output image' },
    },
    {
      title: "Stability's filter of words",
      replies: error(
        400,
        'ValidationException',
        "BaseInferenceToolkitError: (400, 'invalid_prompts', 'One or more prompts contains filtered words.')",
      ),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'invalid_prompts' },
    },
    {
      title: 'Request Moderated',
      replies: withheld({
        status: 'Request Moderated',
        details: { 'Moderation Reasons': ['Derivative Works Filter'] },
      }),
      expect: { mode: 'flagged', stage: 'prompt_filter', signal: 'Request Moderated' },
    },
    {
      title: 'Content Moderated',
      replies: withheld({ status: 'Content Moderated' }),
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'Content Moderated' },
    },
    {
      title: 'a guardrail that intervened',
      replies: withheld({ images: [], 'amazon-bedrock-guardrailAction': 'INTERVENED' }),
      expect: { mode: 'flagged', stage: 'unknown', signal: 'guardrailAction INTERVENED' },
    },
  ],
  errorInside200: {
    replies: withheld({ finish_reasons: ['Inference error'] }),
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: error(400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota.'),
  },
  rows: [
    {
      title: 'takes a value out of range for a bad request',
      replies: error(400, 'ValidationException', 'Malformed input request: #/height is wrong.'),
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'takes an expired token for a failure to authenticate',
      replies: error(403, 'ExpiredTokenException', 'The security token is expired.'),
      expect: { kind: 'failed', cause: 'auth' },
    },
    {
      title: 'takes an empty list for what it is',
      replies: withheld({ images: [] }),
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'signs each attempt, with the guardrail, for the path as it is sent',
      options: { guardrailIdentifier: 'gr-1', guardrailVersion: '3' },
      replies: (server) => [{ json: { images: [server.medium(0).base64] } }],
      expect: { kind: 'media' },
      check: (_generation, calls) => {
        expect(calls[0]).toMatchObject({
          path: '/model/amazon.nova-canvas-v1%3A0/invoke',
          headers: {
            'x-amz-date': '20261101T120000Z',
            'x-amzn-bedrock-guardrailidentifier': 'gr-1',
            'x-amzn-bedrock-guardrailversion': '3',
          },
        });
        expect(calls[0]?.headers.authorization).toMatch(
          /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261101\/us-east-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amzn-bedrock-guardrailidentifier;x-amzn-bedrock-guardrailversion, Signature=[0-9a-f]{64}$/,
        );
      },
    },
    {
      title: "takes Stability's picture",
      options: { model: STABILITY },
      replies: (server) => [
        { json: { seeds: [7], finish_reasons: [null], images: [server.medium(0).base64] } },
      ],
      expect: { kind: 'media' },
    },
  ],
});

describe('bedrock', () => {
  const parse = (options: Record<string, unknown>) => bedrockOptionsSchema.parse(options);
  const sent = (options: Record<string, unknown>, seed = request.seed) =>
    bedrock.buildRequest(parse(options), { ...request, seed }).body;

  it("builds Amazon's request", () => {
    const options = { model: 'amazon.nova-canvas-v1:0', count: 2, parameters: { width: 512 } };
    expect(sent(options)).toEqual({
      kind: 'json',
      value: {
        taskType: 'TEXT_IMAGE',
        textToImageParams: { text: request.promptText },
        imageGenerationConfig: { numberOfImages: 2, seed: 7, width: 512 },
      },
    });
    expect(bedrock.describe(parse(options))).toMatchObject({
      baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
      revision: 'amazon.nova-canvas-v1:0',
      parameters: { model: 'amazon.nova-canvas-v1:0', count: 2, width: 512 },
      safetySettings: {},
    });
  });

  it("builds Stability's request, and never sends the seed that stands for a random one", () => {
    const options = { model: `us.${STABILITY}`, parameters: { aspect_ratio: '16:9' } };
    expect(sent(options)).toEqual({
      kind: 'json',
      value: { aspect_ratio: '16:9', prompt: request.promptText, seed: 7 },
    });
    expect(sent(options, 0)).toMatchObject({ value: { seed: 4_294_967_294 } });
  });

  it('folds a seed into the range of the model', () => {
    expect(sent({ model: 'amazon.nova-canvas-v1:0' }, 858_993_460)).toMatchObject({
      value: { imageGenerationConfig: { seed: 0 } },
    });
  });

  it('records the guardrail with the safety settings', () => {
    const options = { model: STABILITY, guardrailIdentifier: 'gr-1', guardrailVersion: '3' };
    expect(bedrock.describe(parse(options)).safetySettings).toEqual({
      'x-amzn-bedrock-guardrailidentifier': 'gr-1',
      'x-amzn-bedrock-guardrailversion': '3',
    });
  });

  it('takes an API key in place of a signature, and a session token where one is named', () => {
    const variables = (options: Record<string, unknown>) =>
      bedrock.describe(parse({ model: STABILITY, ...options })).authorization.variables;
    expect(variables({ auth: 'bearer' })).toEqual({ token: 'AWS_BEARER_TOKEN_BEDROCK' });
    expect(variables({ sessionTokenEnv: 'AWS_SESSION_TOKEN' })).toEqual({
      accessKeyId: 'AWS_ACCESS_KEY_ID',
      secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
      sessionToken: 'AWS_SESSION_TOKEN',
    });
  });

  it.each([
    [{ model: 'someone.else-v1:0' }, 'family'],
    [{ model: STABILITY, count: 2 }, 'count'],
    [{ model: 'amazon.nova-canvas-v1:0', count: 6 }, 'count'],
    [{ model: STABILITY, guardrailIdentifier: 'gr-1' }, 'guardrailVersion'],
    [{ model: STABILITY, region: 'moon' }, 'region'],
  ])('turns %o away before anything is paid for', (options, path) => {
    const parsed = bedrockOptionsSchema.safeParse(options);
    expect(parsed.error?.issues[0]?.path).toEqual([path]);
  });
});
