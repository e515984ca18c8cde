import { describe, expect, it } from 'vitest';
import { SafelightError } from '../../src/core/errors.ts';
import { parseOptions } from '../../src/core/parse-yaml.ts';
import { createDeclaredHttpEndpoint, http } from '../../src/endpoints/http.ts';
import { httpDeclarationSchema } from '../../src/endpoints/http-declaration.ts';
import { ENDPOINT_ADAPTERS } from '../../src/endpoints/registry.ts';
import { describeAdapterContract, SECRET } from './adapter-contract.ts';
import { createContext, environment, request } from './memory-context.ts';
import { startProviderServer } from './provider-server.ts';

const KEY = '$' + '{EXAMPLE_KEY}';

/** A provider that answers at once, with addresses. */
const atOnce = {
  url: 'v1/images',
  headers: { Authorization: `Bearer ${KEY}`, 'X-Model': '{model}' },
  body: {
    prompt: '{prompt}',
    seed: '{seed}',
    n: '{count}',
    size: '{width}x{height}',
    options: { steps: 4, filter: '{tolerance}', note: '{{kept}}' },
  },
  parameters: { model: 'm-1', width: 512, height: 256 },
  safetySettings: { tolerance: 2 },
  media: { url: '$.images[*].url' },
  words: '$.message',
  refusals: [
    { path: '$.error.code', equals: ['blocked', 1026], stage: 'prompt_filter' },
    { path: '$.images[*].nsfw', equals: true, mode: 'flagged', stage: 'output_filter' },
    { path: '$.error.text', matches: '^not permitted', mode: 'text', signal: 'not permitted' },
    { httpStatus: 451, stage: 'model' },
  ],
  failures: [{ path: '$.code', equals: 1008, cause: 'quota' }],
  revisedPrompt: '$.rewritten',
  revision: '$.version',
  cost: { path: '$.credits', usdPerUnit: 0.01 },
};
const env = { EXAMPLE_KEY: SECRET };

describeAdapterContract({
  name: 'http',
  modality: 'image',
  media: 'url',
  env,
  create: ({ baseUrl, options, environment: given, seams }) =>
    createDeclaredHttpEndpoint(
      'under-test',
      httpDeclarationSchema.parse({ ...atOnce, baseUrl, ...options }),
      given,
      seams,
    ),
  success: (server, count) => [
    {
      json: {
        images: Array.from({ length: count }, (_, index) => ({
          url: server.medium(index).url,
          nsfw: false,
        })),
      },
    },
  ],
  several: true,
  fewer: (server) => [
    {
      json: {
        images: [
          { url: server.medium(0).url, nsfw: false },
          { url: server.medium(1).url, nsfw: false },
          { url: null, nsfw: true },
        ],
      },
    },
  ],
  pending: { absent: 'declared as an answer at once' },
  unknownStatus: { absent: 'declared as an answer at once' },
  refusals: [
    {
      title: 'a code',
      replies: () => [{ status: 400, json: { error: { code: 'blocked' } } }],
      expect: { mode: 'hard', stage: 'prompt_filter', signal: 'blocked' },
    },
    {
      title: 'a number that the answer holds as text',
      replies: () => [{ json: { error: { code: '1026' } } }],
      expect: { mode: 'hard', stage: 'prompt_filter', signal: '1026' },
    },
    {
      title: 'a flag on all media',
      replies: (server) => [{ json: { images: [{ url: server.medium(0).url, nsfw: true }] } }],
      expect: { mode: 'flagged', stage: 'output_filter', signal: '$.images[*].nsfw' },
    },
    {
      title: 'words that a rule knows',
      replies: () => [{ status: 400, json: { error: { text: 'Not permitted here' } } }],
      expect: { mode: 'text', stage: 'unknown', signal: 'not permitted' },
    },
    {
      title: 'an HTTP status',
      replies: () => [{ status: 451, json: {} }],
      expect: { mode: 'hard', stage: 'model', signal: 'HTTP status 451' },
    },
    {
      title: 'known words in place of media',
      replies: () => [{ json: { message: 'I cannot create that picture.' } }],
      expect: { mode: 'text', stage: 'model' },
    },
    {
      title: 'known codes without a rule',
      replies: () => [{ status: 400, json: { type: 'content_policy_violation' } }],
      expect: { mode: 'hard', signal: 'content_policy_violation' },
    },
  ],
  errorInside200: {
    replies: () => [{ json: { error: 'worker died' } }],
    expect: { kind: 'failed', cause: 'protocol', detail: 'nothing to read at $.images[*].url' },
  },
  quota: { replies: () => [{ json: { code: 1008 } }] },
  rows: [
    {
      title: 'takes an empty list for what it is',
      replies: () => [{ json: { images: [] } }],
      expect: { kind: 'failed', cause: 'no_media' },
    },
    {
      title: 'fails on something else than an address',
      replies: () => [{ json: { images: [{ url: { href: 'x' } }] } }],
      expect: { kind: 'failed', cause: 'protocol' },
    },
    {
      title: 'sends what the templates say, and reads what the paths say',
      replies: (server) => [
        {
          json: {
            images: [{ url: server.medium(0).url }],
            rewritten: 'A grey bird',
            version: 'v9',
            credits: 3,
          },
        },
      ],
      expect: { kind: 'media' },
      check: (generation, [call]) => {
        expect(generation).toMatchObject({
          costUsd: 0.03,
          revisedPrompt: 'A grey bird',
          reported: { revision: 'v9' },
        });
        expect(call?.path).toBe('/v1/images');
        expect(call?.headers).toMatchObject({
          authorization: `Bearer ${SECRET}`,
          'x-model': 'm-1',
        });
        expect(JSON.parse(call?.body ?? '')).toEqual({
          prompt: request.promptText,
          seed: 7,
          n: 1,
          size: '512x256',
          options: { steps: 4, filter: 2, note: '{kept}' },
        });
      },
    },
  ],
});

/** A provider with a ticket, a state and a result. */
const ticket = {
  url: 'jobs',
  headers: { 'x-key': KEY },
  body: { input: { text: '{prompt}' } },
  media: { base64: ['$.output[*]'] },
  job: {
    id: '$.id',
    url: 'jobs/{jobId}/state',
    status: '$.state',
    running: ['queued', 'working'],
    done: ['ready'],
    failed: ['broken'],
    result: 'jobs/{jobId}/result',
  },
  refusals: [{ path: '$.reason', matches: 'moderat', stage: 'output_filter' }],
};
const state = (name: string, fields = {}) => ({ json: { state: name, ...fields } });
const submitted = { json: { id: 'job/1' } };

describeAdapterContract({
  name: 'http',
  modality: 'video',
  media: 'inline',
  env,
  create: ({ baseUrl, options, environment: given, seams }) =>
    createDeclaredHttpEndpoint(
      'under-test',
      httpDeclarationSchema.parse({ ...ticket, modality: 'video', baseUrl, ...options }),
      given,
      seams,
    ),
  success: (server, count) => [
    submitted,
    state('working'),
    state('ready'),
    { json: { output: Array.from({ length: count }, (_, i) => server.medium(i).base64) } },
  ],
  several: true,
  fewer: (server) => [
    submitted,
    state('ready'),
    {
      json: {
        output: [server.medium(0).base64, `data:video/mp4;base64,${server.medium(1).base64}`],
      },
    },
  ],
  pending: () => [submitted, state('queued')],
  forgotten: () => [{ status: 410, json: {} }],
  unknownStatus: () => [submitted, state('daydreaming')],
  silent: { input: 'has no rule here', words: 'has no rule here' },
  refusals: [
    {
      title: 'a failed job with a reason',
      replies: () => [submitted, state('broken', { reason: 'Moderated' })],
      expect: { mode: 'hard', stage: 'output_filter', signal: '$.reason' },
    },
  ],
  errorInside200: {
    replies: () => [submitted, state('broken', { reason: 'the worker died' })],
    expect: { kind: 'failed', cause: 'unknown' },
  },
  quota: { replies: () => [{ status: 402, json: {} }] },
  rows: [
    {
      title: 'names the path of a state that is missing',
      replies: () => [submitted, { json: {} }],
      expect: { kind: 'failed', cause: 'protocol', detail: 'nothing to read at $.state' },
    },
    {
      title: 'names the path of an id that is missing',
      replies: () => [{ json: {} }],
      expect: { kind: 'failed', cause: 'protocol', detail: 'nothing to read at $.id' },
    },
    {
      title: 'asks no more where the first answer says that all is done',
      options: { job: { ...ticket.job, result: undefined } },
      replies: (server) => [state('ready', { output: [server.medium(0).base64] })],
      expect: { kind: 'media' },
      check: (_generation, calls) => expect(calls).toHaveLength(1),
    },
    {
      title: 'follows an address of the answer, with an id encoded where it stands in one',
      options: { job: { ...ticket.job, url: undefined, urlPath: '$.links.state' } },
      replies: (server) => [
        { json: { id: 'job/1', links: { state: '/s?x=1' } } },
        state('ready'),
        { json: { output: [server.medium(0).base64] } },
      ],
      expect: { kind: 'media' },
      check: (_generation, calls) => {
        expect(calls.map(({ path }) => path)).toEqual(['/jobs', '/s?x=1', '/jobs/job%2F1/result']);
        expect(calls.map(({ headers }) => headers['x-key'])).toEqual([SECRET, SECRET, SECRET]);
      },
    },
    {
      title: 'does not follow an address to a foreign host',
      options: { job: { ...ticket.job, url: undefined, urlPath: '$.links.state' } },
      replies: () => [{ json: { id: '1', links: { state: 'https://elsewhere.example/s' } } }],
      expect: { kind: 'failed', cause: 'protocol' },
    },
  ],
});

describe('http', () => {
  const parse = (options: object) =>
    parseOptions(
      { baseUrl: 'https://api.example.com/v1', ...options },
      'x.yaml:3',
      httpDeclarationSchema,
    );

  it('takes a picture as the reply to a GET, and records no prompt of its address', async () => {
    const server = await startProviderServer('image');
    const { bytes } = server.medium(0);
    server.play([{ headers: { 'content-type': 'image/png' }, bytes }]);
    const endpoint = createDeclaredHttpEndpoint(
      'under-test',
      httpDeclarationSchema.parse({
        baseUrl: server.url,
        method: 'GET',
        url: 'prompt/{prompt}?seed={seed}',
        media: 'body',
      }),
      environment,
    );
    const awkward = 'a heron? & 100% "{seed}"';
    const generation = await endpoint.generate(
      { ...request, promptText: awkward },
      createContext(),
    );
    await endpoint.close();
    await server.stop();
    expect(generation.outcome.kind).toBe('media');
    expect(server.calls[0]?.path).toBe(`/prompt/${encodeURIComponent(awkward)}?seed=7`);
    expect(JSON.stringify(generation.evidence)).not.toContain('heron');
  });

  it('sends a form', () => {
    const options = parse({ url: 'x', form: { text: '{prompt}', n: '{count}' }, media: 'body' });
    expect(http.buildRequest(options, request).body).toEqual({
      kind: 'form',
      fields: { text: request.promptText, n: '1' },
    });
  });

  it('puts all that decides the media into the identity of a trial', () => {
    expect(http.describe(parse(atOnce))).toMatchObject({
      parameters: {
        url: 'v1/images',
        'body.n': 1,
        'body.size': '512x256',
        'body.options.steps': 4,
        'body.options.note': '{kept}',
        model: 'm-1',
        width: 512,
        height: 256,
      },
      safetySettings: { tolerance: 2 },
      takesSeed: true,
    });
    const framed = parse({
      url: 'x',
      body: { text: 'photo of {prompt}', nsfw: true },
      media: 'body',
    });
    expect(http.describe(framed)).toMatchObject({
      parameters: { 'body.text': 'photo of {prompt}' },
      safetySettings: { 'body.nsfw': true },
      takesSeed: false,
    });
  });

  const good = {
    url: 'x',
    body: { p: '{prompt}', w: '{width}' },
    parameters: { width: 1 },
    media: 'body',
  };
  it.each([
    ['a base URL that is none', { baseUrl: 'api.example.com' }, /baseUrl: Invalid URL/],
    ['a base URL that is no web address', { baseUrl: 'file:///etc/passwd' }, /baseUrl/],
    [
      'an unknown variable',
      { body: { p: '{prompt}', list: ['{widht}'] } },
      /body\.list\[0\]: unknown variable \{widht\}. Did you mean "width"\?/,
    ],
    ['an unknown variable of a URL', { url: 'x/{model}' }, /url: unknown variable \{model\}/],
    ['a prompt in a header', { headers: { x: '{prompt}' } }, /headers\.x: unknown variable/],
    [
      'a malformed path',
      { media: { url: 'data[0].url' } },
      /media\.url: a JSON path begins with \$/,
    ],
    [
      'a malformed path of a rule',
      { refusals: [{ path: '$..x', equals: 1 }] },
      /refusals\[0\]\.path: cannot read "\.\.x"/,
    ],
    [
      'a malformed pattern',
      { refusals: [{ path: '$.x', matches: '(' }] },
      /refusals\[0\]\.matches: .*Unterminated group/,
    ],
    ['a rule without a condition', { refusals: [{ path: '$.x' }] }, /refusals\[0\]: a rule needs/],
    ['a prompt that is never sent', { body: { p: 'x' } }, /nothing sends the prompt/],
    [
      'a secret in the file',
      { headers: { Authorization: 'Bearer abc' } },
      /headers\.Authorization: a pipeline never holds/,
    ],
    ['a secret in the body', { body: { p: '{prompt}', key: KEY } }, /body\.key: .*headers/],
    [
      'a host that is not theirs',
      { url: 'https://elsewhere.example/x' },
      /url: leads to another host/,
    ],
    ['two bodies', { form: { p: '{prompt}' } }, /form: /],
    ['a GET with a body', { method: 'GET' }, /method: a GET has no body/],
    ['a name that is taken', { parameters: { width: 1, prompt: 'x' } }, /parameters\.prompt: /],
    [
      'a job without an address',
      { job: { status: '$.s', running: ['a'], done: ['b'] } },
      /job: a job needs/,
    ],
    [
      'a job id from nowhere',
      { job: { url: 'j/{jobId}', status: '$.s', running: ['a'], done: ['b'] } },
      /job\.id: \{jobId\} needs/,
    ],
  ])('says before anything is sent: %s', (_title, options, message) => {
    const attempt = () => parse({ ...good, ...options });
    expect(attempt).toThrow(SafelightError);
    expect(attempt).toThrow(message);
  });

  it('is in the registry', async () => {
    const adapter = await ENDPOINT_ADAPTERS.http();
    const context = { environment, prompts: async function* () {} };
    await expect(adapter.create('x', { url: 'x' }, 'x.yaml:3', context)).rejects.toThrow(
      SafelightError,
    );
  });
});

describe('recorded answers in a declaration', () => {
  const declared = {
    baseUrl: 'https://api.example.com',
    url: 'v1/images',
    body: { prompt: '{prompt}' },
    media: { url: '$.data[*].link' },
    refusals: [{ path: '$.error.code', equals: 'blocked' }],
  };
  const messagesOf = (options: Record<string, unknown>): string[] => {
    const parsed = httpDeclarationSchema.safeParse({ ...declared, ...options });
    return parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  };

  it('fit', () => {
    const example = { answer: { data: [{ link: 'x' }] }, refusal: { error: { code: 'blocked' } } };
    expect(messagesOf({ example })).toEqual([]);
  });

  it('name a path that matches nothing, and the keys that are there', () => {
    const example = { answer: { data: [{ url: 'x', seed: 1 }] } };
    expect(messagesOf({ example })).toEqual([
      'media.url: $.data[*].link matches nothing in `example.answer`: $.data[*] has url, seed',
    ]);
  });

  it('name the rules of which none reads the refusal', () => {
    expect(messagesOf({ example: { refusal: { error: { type: 'blocked' } } } })).toEqual([
      'refusals.0.path: $.error.code matches nothing in `example.refusal`: $.error has type',
    ]);
    expect(messagesOf({ refusals: [], example: { refusal: {} } })).toEqual([
      'example.refusal: nothing under `refusals` or `words` reads it',
    ]);
  });

  it('count words as what may read a refusal, and try their paths too', () => {
    const refusal = { note: { text: 'I cannot draw that.' } };
    expect(messagesOf({ words: '$.note.text', example: { refusal } })).toEqual([]);
    expect(messagesOf({ refusals: [], words: '$.note.txt', example: { refusal } })).toEqual([
      'words: $.note.txt matches nothing in `example.refusal`: $.note has text',
    ]);
  });

  it('try the rules of failures', () => {
    const failures = [{ path: '$.status.code', equals: 1008, cause: 'quota' }];
    const example = { failure: { base: {}, statsu: { code: 1008 } } };
    expect(messagesOf({ failures, example })).toEqual([
      'failures.0.path: $.status.code matches nothing in `example.failure`: $ has statsu, base',
    ]);
    expect(messagesOf({ failures, example: { failure: { status: { code: 1008 } } } })).toEqual([]);
    expect(messagesOf({ example })).toEqual(['example.failure: nothing under `failures` reads it']);
  });

  it('show the nearest keys of many first', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`other_${i}`, i]));
    const example = { answer: { data: [{ ...many, links: 'x' }] } };
    expect(messagesOf({ example })).toEqual([
      expect.stringMatching(/\$\.data\[\*\] has links, (other_\d+, ){11}…$/),
    ]);
  });

  it('name the paths of a job', () => {
    const job = { id: '$.id', url: 'jobs/{jobId}', status: '$.state', running: [1], done: [2] };
    const example = { ticket: { task: 1 }, answer: { data: [{ link: 'x' }], state: 2 } };
    expect(messagesOf({ job, example })).toEqual([
      'job.id: $.id matches nothing in `example.ticket`: $ has task',
    ]);
  });
});
