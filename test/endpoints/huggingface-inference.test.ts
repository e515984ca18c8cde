import { describe, expect, it } from 'vitest';
import {
  createHuggingfaceInferenceEndpoint,
  huggingfaceInference,
  huggingfaceInferenceOptionsSchema,
} from '../../src/endpoints/huggingface-inference.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { request } from './memory-context.ts';
import type { ProviderServer } from './provider-server.ts';

const picture = (server: ProviderServer) => ({
  headers: { 'content-type': 'image/png' },
  bytes: server.medium(0).bytes,
});
const FAL = { provider: 'fal-ai', model: 'fal-ai/flux/dev' };
// As fal writes it, whoever asks.
const falSubmitted = {
  json: {
    status: 'IN_QUEUE',
    request_id: '764cabcf',
    response_url: 'https://queue.fal.run/fal-ai/flux/requests/764cabcf',
    status_url: 'https://queue.fal.run/fal-ai/flux/requests/764cabcf/status',
  },
};

describeAdapterContract({
  name: 'huggingface-inference',
  modality: 'image',
  media: 'body',
  env: { HF_TOKEN: SECRET },
  create: ({ baseUrl, options, environment, seams }) =>
    createHuggingfaceInferenceEndpoint(
      'under-test',
      huggingfaceInferenceOptionsSchema.parse({
        baseUrl,
        model: 'stabilityai/stable-diffusion-xl-base-1.0',
        ...options,
      }),
      environment,
      seams,
    ),
  success: (server) => [picture(server)],
  several: { absent: 'hf-inference makes one picture a request' },
  fewer: { absent: 'hf-inference makes one picture a request' },
  pending: { absent: 'hf-inference answers at once; jobs of other providers are below' },
  unknownStatus: { absent: 'hf-inference answers at once' },
  refusals: { absent: 'hf-inference shows none but pixels; those of other providers are below' },
  errorInside200: {
    replies: () => [{ json: { error: 'CUDA out of memory' } }],
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: {
    replies: () => [
      {
        status: 402,
        json: {
          error:
            'You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more.',
        },
      },
    ],
  },
  rows: [
    {
      title: 'takes a model that still loads for a cold one',
      options: { maxAttempts: 1 },
      replies: () => [
        { status: 503, json: { error: 'Model is currently loading', estimated_time: 20 } },
      ],
      expect: { kind: 'failed', cause: 'cold' },
    },
    {
      title: 'asks for a picture, with the token',
      replies: (server) => [picture(server)],
      expect: { kind: 'media' },
      check: (_generation, calls) =>
        expect(calls[0]).toMatchObject({
          path: '/hf-inference/models/stabilityai/stable-diffusion-xl-base-1.0',
          headers: { accept: 'image/png', authorization: `Bearer ${SECRET}` },
        }),
    },
    {
      title: 'takes a picture inside JSON',
      replies: (server) => [{ json: { data: [{ b64_json: server.medium(0).base64 }] } }],
      expect: { kind: 'media' },
    },
    {
      title: "fal-ai: follows a job on the router, not at fal's own address",
      options: FAL,
      replies: (server) => [
        falSubmitted,
        { status: 202, json: { status: 'IN_PROGRESS' } },
        { json: { status: 'COMPLETED' } },
        { json: { images: [{ url: server.medium(0).url }], has_nsfw_concepts: [false] } },
      ],
      expect: { kind: 'media' },
      check: ({ evidence }, calls) => {
        expect(calls.map(({ path }) => path)).toEqual([
          '/fal-ai/fal-ai/flux/dev?_subdomain=queue',
          '/fal-ai/fal-ai/flux/requests/764cabcf/status?_subdomain=queue',
          '/fal-ai/fal-ai/flux/requests/764cabcf/status?_subdomain=queue',
          '/fal-ai/fal-ai/flux/requests/764cabcf?_subdomain=queue',
        ]);
        expect(calls[3]?.headers.authorization).toBe(`Bearer ${SECRET}`);
        expect(evidence.protocol).toBe('huggingface-inference');
      },
    },
    {
      title: "fal-ai: takes fal's violation for a refusal",
      options: FAL,
      replies: () => [
        falSubmitted,
        { json: { status: 'COMPLETED' } },
        {
          status: 422,
          json: { detail: [{ loc: ['body', 'prompt'], type: 'content_policy_violation' }] },
        },
      ],
      expect: { kind: 'refused', mode: 'hard', stage: 'prompt_filter' },
    },
    {
      title: 'fal-ai: survives an address that is none',
      options: FAL,
      replies: () => [
        { json: { request_id: '1', status_url: 'http://', response_url: 'http://' } },
        { status: 404, json: { detail: 'not found' } },
      ],
      expect: { kind: 'failed', cause: 'bad_request' },
    },
    {
      title: "replicate: takes Replicate's code for a refusal, and polls on the router",
      options: { provider: 'replicate', model: 'black-forest-labs/flux-schnell' },
      replies: () => [
        { status: 201, json: { id: 'gm3q', status: 'processing' } },
        { json: { id: 'gm3q', status: 'failed', error: 'Flagged as sensitive. (E005)' } },
      ],
      expect: { kind: 'refused', mode: 'hard', stage: 'unknown', signal: 'E005' },
      check: (_generation, calls) =>
        expect(calls.map(({ path }) => path)).toEqual([
          '/replicate/v1/models/black-forest-labs/flux-schnell/predictions',
          '/replicate/v1/predictions/gm3q',
        ]),
    },
    {
      title: 'together: takes fewer pictures for what they are',
      options: { provider: 'together', model: 'black-forest-labs/FLUX.1-dev', count: 3 },
      replies: (server) => [
        {
          json: {
            data: [{ b64_json: server.medium(0).base64 }, { b64_json: server.medium(1).base64 }],
          },
        },
      ],
      expect: { kind: 'media', requested: 3, withheld: 1 },
      check: (_generation, calls) => expect(calls[0]?.path).toBe('/together/v1/images/generations'),
    },
    {
      title: 'together: takes the words of its checker for a refusal',
      options: { provider: 'together', model: 'black-forest-labs/FLUX.1-dev' },
      replies: () => [
        {
          status: 422,
          json: { error: { message: 'Input prompt contains NSFW content.', code: null } },
        },
      ],
      expect: { kind: 'refused', mode: 'text', stage: 'prompt_filter' },
    },
  ],
});

describe('huggingface-inference', () => {
  const parse = (options: Record<string, unknown>) =>
    huggingfaceInferenceOptionsSchema.parse({ model: 'owner/name', ...options });
  const bodyOf = (options: Record<string, unknown>): unknown =>
    JSON.parse(JSON.stringify(huggingfaceInference.buildRequest(parse(options), request).body))
      .value;

  it('builds the body that each provider wants', () => {
    const prompt = request.promptText;
    const parameters = { guidance_scale: 4 };
    expect(bodyOf({ parameters })).toEqual({
      inputs: prompt,
      parameters: { seed: 7, guidance_scale: 4 },
    });
    expect(bodyOf({ provider: 'fal-ai', enableSafetyChecker: false, parameters })).toEqual({
      ...{ prompt, seed: 7, guidance_scale: 4, enable_safety_checker: false },
    });
    expect(bodyOf({ provider: 'replicate', enableSafetyChecker: false, parameters })).toEqual({
      input: { prompt, seed: 7, guidance_scale: 4, disable_safety_checker: true },
    });
    expect(bodyOf({ provider: 'together', enableSafetyChecker: false, parameters })).toEqual({
      ...{ model: 'owner/name', n: 1, prompt, seed: 7, guidance_scale: 4 },
      ...{ response_format: 'base64', disable_safety_checker: true },
    });
    expect(bodyOf({ provider: 'nscale' })).toEqual({
      ...{ model: 'owner/name', n: 1, prompt, seed: 7, response_format: 'b64_json' },
    });
  });

  it('makes provider and checker part of what identifies a trial', () => {
    const options = parse({ provider: 'fal-ai', enableSafetyChecker: false });
    expect(huggingfaceInference.describe(options)).toMatchObject({
      parameters: { provider: 'fal-ai', model: 'owner/name' },
      safetySettings: { enable_safety_checker: false },
    });
  });

  it('says what a provider cannot do', () => {
    const paths = (options: Record<string, unknown>) =>
      huggingfaceInferenceOptionsSchema
        .safeParse({ model: 'owner/name', ...options })
        .error?.issues.map(({ path }) => path);
    expect(paths({ count: 2 })).toEqual([['count']]);
    expect(paths({ modality: 'video' })).toEqual([['modality']]);
    expect(paths({ enableSafetyChecker: true })).toEqual([['enableSafetyChecker']]);
    expect(paths({ provider: 'nscale', enableSafetyChecker: true })).toHaveLength(1);
    expect(paths({ provider: 'replicate', modality: 'video' })).toBeUndefined();
  });
});
