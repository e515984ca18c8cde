import { describe, expect, it } from 'vitest';
import { createImagenEndpoint, imagen, imagenOptionsSchema } from '../../src/endpoints/imagen.ts';
import { describeAdapterContract, type Replies, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { ProviderServer } from './provider-server.ts';

const picture = (server: ProviderServer, index: number, fields: Record<string, unknown> = {}) => ({
  mimeType: 'image/png',
  bytesBase64Encoded: server.medium(index).base64,
  ...fields,
});
const filtered =
  (...reasons: readonly string[]): Replies =>
  () => [{ json: { predictions: reasons.map((raiFilteredReason) => ({ raiFilteredReason })) } }];
const error =
  (code: number, message: string, status: string): Replies =>
  () => [{ status: code, json: { error: { code, message, status } } }];

const ALL_FILTERED =
  "Unable to show generated images. All images were filtered out because they violated Vertex AI's usage guidelines.";

describeAdapterContract({
  name: 'imagen',
  modality: 'image',
  media: 'inline',
  env: { GEMINI_API_KEY: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createImagenEndpoint(
      'under-test',
      imagenOptionsSchema.parse({
        baseUrl: `${baseUrl}/v1beta`,
        model: 'imagen-4.0-generate-001',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server, count) => [
    {
      json: { predictions: Array.from({ length: count }, (_, index) => picture(server, index)) },
    },
  ],
  several: true,
  fewer: (server) => [
    {
      json: {
        predictions: [
          picture(server, 0),
          { raiFilteredReason: 'Support codes: 56562880' },
          picture(server, 1),
        ],
      },
    },
  ],
  pending: { absent: 'answers at once' },
  unknownStatus: { absent: 'answers at once' },
  refusals: [
    {
      title: 'filtered pictures, in words',
      replies: filtered(ALL_FILTERED),
      expect: { mode: 'flagged', stage: 'output_filter', signal: 'raiFilteredReason' },
    },
    {
      title: 'a support code of pictures',
      replies: filtered('ERROR_MESSAGE. Support codes: 56562880'),
      expect: { mode: 'flagged', stage: 'output_filter' },
    },
    {
      title: 'a support code of the prompt',
      replies: filtered('ERROR_MESSAGE. Support codes: 90789179'),
      expect: { mode: 'flagged', stage: 'prompt_filter' },
    },
    {
      title: 'support codes of both sides',
      replies: filtered('ERROR_MESSAGE. Support codes: 90789179, 63429089'),
      expect: { mode: 'flagged', stage: 'unknown' },
    },
    {
      title: 'a code that stands for both sides',
      replies: filtered('ERROR_MESSAGE. Support codes: 64151117'),
      expect: { mode: 'flagged', stage: 'unknown' },
    },
    {
      title: 'a blocked prompt, as an HTTP error with a code',
      replies: error(
        400,
        'Image generation failed with the following error: The response is blocked, as it may violate our policies. Error Code: 58061214',
        'INVALID_ARGUMENT',
      ),
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'support code 58061214' },
    },
    {
      title: 'a blocked prompt, with a code of neither side',
      replies: error(
        400,
        "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI practices. Support codes: 11111111",
        'INVALID_ARGUMENT',
      ),
      expect: { mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'a blocked prompt without a code',
      replies: error(
        400,
        "The prompt could not be submitted. This prompt contains sensitive words that violate Google's Responsible AI policy.",
        'INVALID_ARGUMENT',
      ),
      expect: { mode: 'text', stage: 'prompt_filter' },
    },
  ],
  errorInside200: {
    replies: () => [{ json: { error: { code: 13, message: 'Internal error' } } }],
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: error(429, 'Quota exceeded for online_prediction_requests', 'RESOURCE_EXHAUSTED'),
  },
  rows: [
    {
      title: 'does not take an empty answer for a refusal',
      replies: () => [{ json: { predictions: [] } }],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'keeps the rewritten prompt',
      replies: (server) => [
        { json: { predictions: [picture(server, 0, { prompt: 'A grey bird by a lake' })] } },
      ],
      expect: { kind: 'media' },
      check: ({ revisedPrompt }, calls) => {
        expect(revisedPrompt).toBe('A grey bird by a lake');
        expect(calls[0]).toMatchObject({
          path: '/v1beta/models/imagen-4.0-generate-001:predict',
          headers: { 'x-goog-api-key': SECRET },
        });
      },
    },
  ],
});

describe('imagen', () => {
  const options = imagenOptionsSchema.parse({
    model: 'imagen-4.0-generate-001',
    count: 2,
    safetySetting: 'block_only_high',
    personGeneration: 'allow_adult',
    enhancePrompt: false,
    sendSeed: true,
    parameters: { addWatermark: false },
  });

  it('builds the request that the options say', () => {
    const { body } = imagen.buildRequest(options, request);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      kind: 'json',
      value: {
        instances: [{ prompt: request.promptText }],
        parameters: {
          sampleCount: 2,
          safetySetting: 'block_only_high',
          personGeneration: 'allow_adult',
          enhancePrompt: false,
          includeRaiReason: true,
          addWatermark: false,
          seed: 7,
        },
      },
    });
  });

  it('tells its safety settings apart, and that its model is pinned', () => {
    expect(imagen.describe(options)).toMatchObject({
      parameters: { model: 'imagen-4.0-generate-001', sampleCount: 2, enhancePrompt: false },
      safetySettings: {
        safetySetting: 'block_only_high',
        personGeneration: 'allow_adult',
        includeRaiReason: true,
      },
      revision: 'imagen-4.0-generate-001',
      takesSeed: true,
    });
    const preview = imagen.describe({ ...options, model: 'imagen-4.0-preview' });
    expect(preview.revision).toBeNull();
  });

  it('says how many pictures one request makes', () => {
    const parsed = imagenOptionsSchema.safeParse({ model: 'm', count: 5 });
    expect(parsed.error?.issues[0]?.path).toEqual(['count']);
  });
});
