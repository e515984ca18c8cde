import { describe, expect, it } from 'vitest';
import {
  createOpenaiImagesEndpoint,
  openaiImages,
  openaiImagesOptionsSchema,
} from '../../src/endpoints/openai-images.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';

/** An error body of OpenAI, from its documents and published answers. */
function error(status: number, fields: Record<string, unknown>) {
  return [{ status, json: { error: { message: 'No.', type: null, param: null, ...fields } } }];
}

describeAdapterContract({
  name: 'openai-images',
  modality: 'image',
  media: 'inline',
  env: { OPENAI_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createOpenaiImagesEndpoint(
      'under-test',
      openaiImagesOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1`,
        tokenEnv: 'OPENAI_API_KEY',
        model: 'gpt-image-1',
        moderation: 'low',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server, count) => [
    {
      json: {
        created: 1_762_000_000,
        data: Array.from({ length: count }, (_, index) => ({
          b64_json: server.medium(index).base64,
        })),
        output_format: 'png',
        quality: 'high',
        size: '1024x1024',
        usage: { total_tokens: 100, input_tokens: 50, output_tokens: 50 },
      },
    },
  ],
  several: true,
  fewer: (server) => [
    {
      json: {
        data: [
          { b64_json: server.medium(0).base64 },
          { b64_json: '', respect_moderation: false },
          { b64_json: server.medium(1).base64 },
        ],
      },
    },
  ],
  pending: { absent: 'answers at once' },
  unknownStatus: { absent: 'answers at once' },
  refusals: [
    {
      title: 'moderation_blocked at the prompt',
      replies: () =>
        error(400, {
          code: 'moderation_blocked',
          type: 'image_generation_user_error',
          message: 'Your request was rejected by the safety system. safety_violations=[sexual].',
          moderation_details: { moderation_stage: 'input', categories: ['sexual'] },
        }),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'moderation_blocked' },
    },
    {
      title: 'moderation_blocked at the picture',
      replies: () =>
        error(400, {
          code: 'moderation_blocked',
          type: 'image_generation_user_error',
          moderation_details: { moderation_stage: 'output', categories: ['violence'] },
        }),
      expect: { mode: 'hard', stage: 'output_filter' },
    },
    {
      title: 'moderation_blocked without a stage',
      replies: () => error(400, { code: 'moderation_blocked' }),
      expect: { mode: 'hard', stage: 'unknown' },
    },
    {
      title: 'content_policy_violation of dall-e-3',
      replies: () => error(400, { code: 'content_policy_violation' }),
      expect: { mode: 'hard', stage: 'unknown', signal: 'content_policy_violation' },
    },
    {
      title: 'the words of older servers',
      replies: () =>
        error(400, {
          code: null,
          type: 'invalid_request_error',
          message: 'Your request was rejected as a result of our safety system. ',
        }),
      expect: { mode: 'text' },
    },
    {
      title: "Azure's inner code",
      replies: () =>
        error(400, {
          code: 'content_policy_violation',
          message: 'The response was filtered.',
          inner_error: {
            code: 'ResponsibleAIPolicyViolation',
            content_filter_results: { violence: { filtered: true, severity: 'medium' } },
          },
        }),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: "Azure's filter of the picture",
      replies: () =>
        error(400, {
          code: 'contentFilter',
          message: 'Generated image was filtered as a result of our safety system.',
        }),
      expect: { mode: 'hard', stage: 'output_filter', signal: 'contentFilter' },
    },
    {
      title: "xAI's flag on every picture",
      replies: (server) => [
        { json: { data: [{ b64_json: server.medium(0).base64, respect_moderation: false }] } },
      ],
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'respect_moderation' },
    },
    {
      title: "BytePlus' code for the prompt, refined",
      replies: () => error(400, { code: 'InputTextSensitiveContentDetected.PolicyViolation' }),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: "BytePlus' code on every picture",
      replies: () => [
        {
          json: {
            data: [
              { error: { code: 'OutputImageSensitiveContentDetected', message: 'No.' } },
              { error: { code: 'OutputImageSensitiveContentDetected', message: 'No.' } },
            ],
          },
        },
      ],
      expect: { mode: 'hard', stage: 'output_filter' },
    },
    {
      title: 'a reason beside an empty list',
      replies: () => [
        { json: { data: [], block_reason: 'The prompt was flagged by content moderation.' } },
      ],
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
  ],
  errorInside200: {
    replies: () => [{ json: { error: { message: 'The engine crashed', code: 500 } } }],
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: () =>
      error(429, {
        code: 'insufficient_quota',
        type: 'insufficient_quota',
        message: 'You exceeded your current quota, please check your plan and billing details.',
      }),
  },
  rows: [
    {
      title: 'takes a spent limit that is answered with 400 for a quota',
      replies: () => error(400, { code: 'billing_hard_limit_reached' }),
      expect: { kind: 'failed', cause: 'quota' },
    },
    {
      title: 'takes a user error without a policy code for a bad request',
      replies: () => error(400, { type: 'image_generation_user_error', code: 'invalid_size' }),
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: 'does not take an empty list for a refusal',
      replies: () => [{ json: { created: 1, data: [] } }],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: "takes a picture beside BytePlus' error for a partial return",
      options: { count: 2 },
      replies: (server) => [
        {
          json: {
            data: [
              { error: { code: 'OutputImageSensitiveContentDetected', message: 'No.' } },
              { url: server.medium(0).url },
            ],
          },
        },
      ],
      expect: { kind: 'media', requested: 2, withheld: 1 },
    },
    {
      title: 'keeps the rewritten prompt and the cost, and sends the key',
      replies: (server) => [
        {
          json: {
            data: [{ url: server.medium(0).url, revised_prompt: 'A grey bird by a lake' }],
            usage: { cost_in_usd_ticks: 200_000_000 },
          },
        },
      ],
      expect: { kind: 'media' },
      check: ({ costUsd, revisedPrompt }, calls) => {
        expect(costUsd).toBe(0.02);
        expect(revisedPrompt).toBe('A grey bird by a lake');
        expect(calls[0]).toMatchObject({
          path: '/v1/images/generations',
          headers: { authorization: `Bearer ${SECRET}` },
        });
      },
    },
    {
      title: "sends the key in Azure's header, to Azure's route",
      options: { auth: 'api-key', path: 'images/generations?api-version=2025-04-01-preview' },
      replies: (server) => [{ json: { data: [{ url: server.medium(0).url }] } }],
      expect: { kind: 'media' },
      check: (_generation, calls) => {
        expect(calls[0]).toMatchObject({
          path: '/v1/images/generations?api-version=2025-04-01-preview',
          headers: { 'api-key': SECRET },
        });
        expect(calls[0]?.headers.authorization).toBeUndefined();
      },
    },
  ],
});

describe('openai-images', () => {
  const parse = (options: Record<string, unknown>) => openaiImagesOptionsSchema.parse(options);

  it('builds the request that the options say', () => {
    const options = parse({
      model: 'm',
      size: '512x512',
      moderation: 'low',
      count: 2,
      sendSeed: true,
      parameters: { quality: 'high' },
    });
    const { body } = openaiImages.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: {
        model: 'm',
        n: 2,
        size: '512x512',
        moderation: 'low',
        quality: 'high',
        prompt: request.promptText,
        seed: 7,
      },
    });
    expect(openaiImages.describe(options)).toMatchObject({
      parameters: { model: 'm', n: 2, size: '512x512', quality: 'high' },
      safetySettings: { moderation: 'low' },
      takesSeed: true,
    });
  });

  it('wants a key at OpenAI, and elsewhere only where one is named', () => {
    const variables = (options: Record<string, unknown>) =>
      openaiImages.describe(parse(options)).authorization.variables;
    expect(variables({})).toEqual({ key: 'OPENAI_API_KEY' });
    expect(variables({ baseUrl: 'http://127.0.0.1:30000/v1' })).toEqual({});
    expect(variables({ baseUrl: 'https://api.x.ai/v1', tokenEnv: 'XAI_API_KEY' })).toEqual({
      key: 'XAI_API_KEY',
    });
  });

  it('counts a switched-off checker among the safety settings', () => {
    const options = parse({ parameters: { disable_safety_checker: true } });
    expect(openaiImages.describe(options).safetySettings).toEqual({
      disable_safety_checker: true,
    });
  });
});
