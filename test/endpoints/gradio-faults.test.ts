import type { ServerResponse } from 'node:http';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Endpoint, Generation } from '../../src/endpoints/endpoint.ts';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { LeasedClient } from '../../src/endpoints/gradio-client.ts';
import {
  event,
  type FaultServer,
  type Faults,
  openStream,
  PNG,
  startFaultServer,
} from './fault-server.ts';
import { createContext, environment, request } from './memory-context.ts';
import { blackAndDrawn, verdictOf } from './soft-refusal.ts';

const TOKEN = 'hf_not-a-real-token';
const cleanUps: (() => Promise<void>)[] = [];
const unhandled: unknown[] = [];
const noteUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', noteUnhandled);
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  process.off('unhandledRejection', noteUnhandled);
  expect(unhandled).toEqual([]);
});

async function serve(faults: Faults = {}): Promise<FaultServer> {
  const server = await startFaultServer(faults);
  cleanUps.push(server.stop);
  return server;
}

function connect(url: string, options: Record<string, unknown> = {}): Endpoint {
  const parsed = gradioOptionsSchema.parse({
    url,
    timeoutMs: 5_000,
    coldStartMs: 5_000,
    ...options,
  });
  const endpoint = createGradioEndpoint('under-test', parsed, { ...environment, env: { TOKEN } });
  cleanUps.push(() => endpoint.close());
  return endpoint;
}

function ask(url: string, options: Record<string, unknown> = {}): Promise<Generation> {
  return connect(url, options).generate(request, createContext());
}

const status =
  (code: number, headers: Record<string, string> = {}, body = '{}') =>
  (response: ServerResponse): void => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(body);
  };

describe('what a well-behaved server gets', () => {
  it('sends the mapped values in order, and refuses the app a seed of its own', async () => {
    const server = await serve();
    const endpoint = connect(server.url, {
      parameters: { scale: 4 },
      mapping: { scale: 'guidance_scale' },
    });
    const { outcome } = await endpoint.generate({ ...request, seed: 107 }, createContext());
    expect(outcome.kind).toBe('media');
    const join = server.seen.find(({ path }) => path.endsWith('/queue/join'));
    // The slider of this app ends at 99, so that 107 becomes 7.
    expect(JSON.parse(join?.body ?? '').data).toEqual([request.promptText, 4, 7, false]);
  });

  it('takes positional values with placeholders', async () => {
    const server = await serve();
    const { outcome } = await ask(server.url, { positional: ['$prompt', 1, '$seed', false] });
    expect(outcome.kind).toBe('media');
    const join = server.seen.find(({ path }) => path.endsWith('/queue/join'));
    expect(JSON.parse(join?.body ?? '').data).toEqual([request.promptText, 1, 7, false]);
  });

  it('asks for the configuration once, without the token, and sends it everywhere else', async () => {
    const server = await serve();
    const endpoint = connect(server.url, { tokenEnv: 'TOKEN' });
    await endpoint.generate(request, createContext());
    await endpoint.generate(request, createContext());
    const [config, ...others] = server.seen;
    expect(config).toMatchObject({ path: '/config', authorization: undefined });
    expect(others.filter(({ path }) => path === '/config')).toEqual([]);
    expect(others.filter(({ path }) => path === '/gradio_api/info')).toHaveLength(1);
    expect(new Set(others.map(({ authorization }) => authorization))).toEqual(
      new Set([`Bearer ${TOKEN}`]),
    );
  });

  it('leaves no stream open, neither after a job nor after close', async () => {
    const server = await serve({ data: (response) => void openStream(response) });
    const endpoint = connect(server.url, { timeoutMs: 60_000 });
    const accepted = new Promise<void>((resolve) => {
      cleanUps.push(async () => resolve());
      void endpoint.generate(request, { ...createContext(), onJob: async () => resolve() });
    });
    await accepted;
    // The event stream and the heartbeat.
    await vi.waitFor(() => expect(server.openAnswers()).toBe(2));
    await endpoint.close();
    await vi.waitFor(() => expect(server.openAnswers()).toBe(0));

    const polite = await serve();
    await connect(polite.url).generate(request, createContext());
    await vi.waitFor(() => expect(polite.openAnswers()).toBe(0));
  });
});

describe('a stream that breaks', () => {
  const cases: [string, Faults['data'], { cause: string }, { code: string }][] = [
    [
      'ends cleanly before the result',
      (r) => openStream(r).end(),
      { cause: 'protocol' },
      { code: 'ended_early' },
    ],
    [
      'holds bad JSON',
      (r) => openStream(r).write('data: {"msg": \n\n'),
      { cause: 'protocol' },
      { code: 'bad_json' },
    ],
    [
      'holds an unknown message',
      (r) => openStream(r).write(event({ msg: 'news', event_id: 'job-1' })),
      { cause: 'protocol' },
      { code: 'unknown_message' },
    ],
    [
      'holds a result without values',
      (r) =>
        openStream(r).write(
          event({ msg: 'process_completed', event_id: 'job-1', success: true, output: {} }),
        ),
      { cause: 'protocol' },
      { code: 'bad_message' },
    ],
    ['is not there', status(404), { cause: 'network' }, { code: 'http_404' }],
    [
      'is reset',
      (r) => {
        openStream(r);
        setImmediate(() => r.destroy());
      },
      { cause: 'network' },
      { code: 'UND_ERR_SOCKET' },
    ],
    [
      'forgets the session',
      (r) =>
        openStream(r).write(
          event({ msg: 'unexpected_error', message: 'gone', session_not_found: true }),
        ),
      { cause: 'protocol' },
      { code: 'session_lost' },
    ],
  ];
  it.each(cases)('%s: fails, and the next job works', async (_name, data, outcome, fault) => {
    let broken = true;
    const server = await serve({
      data: (response, incoming, count) => {
        if (broken) return data?.(response, incoming, count);
        openStream(response).end(
          event({
            msg: 'process_completed',
            event_id: 'job-1',
            success: true,
            output: { data: [{ url: `${server.url}/file/a.png` }] },
          }),
        );
      },
    });
    const endpoint = connect(server.url);
    const first = await endpoint.generate(request, createContext());
    expect(first.outcome).toMatchObject({ kind: 'failed', ...outcome });
    expect(first.evidence.fault).toMatchObject({ where: 'stream', ...fault });
    expect(first.evidence.retries).toEqual([]);
    broken = false;
    const second = await endpoint.generate(request, createContext());
    expect(second.outcome).toMatchObject({ kind: 'media' });
    // The app may have been restarted with another schema: it was read again.
    expect(server.seen.filter(({ path }) => path === '/config')).toHaveLength(2);
  });
});

describe('a job that is taken on by what is no answer', () => {
  it.each([
    ['a page', { 'content-type': 'text/html' }, '<html>Blocked by our content policy</html>'],
    ['malformed JSON', {}, '{"event_id": '],
    ['an error inside a success', {}, '{"error":"the worker died"}'],
    ['nothing', {}, ''],
  ])('%s: fails, and is no refusal', async (_name, headers, body) => {
    const server = await serve({ join: status(200, headers as Record<string, string>, body) });
    const { outcome } = await ask(server.url);
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'protocol' });
  });

  it('is a soft refusal where the picture is black, and only there', async () => {
    const { black, drawn } = await blackAndDrawn('image');
    for (const [bytes, isSoft] of [
      [black, true],
      [drawn, false],
    ] as const) {
      const server = await serve({
        file: (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(bytes),
      });
      const context = createContext();
      const generation = await connect(server.url).generate(request, context);
      const verdict = await verdictOf(generation, context.stored, 'image');
      expect(verdict.class === 'refused_soft').toBe(isSoft);
    }
  });
});

describe('a server that is busy', () => {
  it('waits as asked after 429, tries again and records it', async () => {
    const server = await serve({
      join: (response, _incoming, count) =>
        count < 3
          ? status(429, { 'retry-after-ms': '15' }, '{"error":"Too many requests"}')(response)
          : status(200, {}, '{"event_id":"job-1"}')(response),
    });
    const { outcome, evidence } = await ask(server.url);
    expect(outcome.kind).toBe('media');
    const retry = { cause: 'http_429', waitedMs: 15 };
    expect(evidence.retries).toEqual([retry, retry]);
  });

  it('spreads the waits that a server asks for, each by a draw of its own', async () => {
    const random = xoroshiro128plus(7);
    const drawn: number[] = [];
    const draw = (): number => {
      const next = uniformInt(random, 0, 999) / 1000;
      drawn.push(next);
      return next;
    };
    const server = await serve({
      join: (response, _incoming, count) =>
        count < 3
          ? status(429, { 'retry-after-ms': '200' }, '{"error":"Too many requests"}')(response)
          : status(200, {}, '{"event_id":"job-1"}')(response),
    });
    const endpoint = createGradioEndpoint(
      'spread',
      gradioOptionsSchema.parse({ url: server.url }),
      { ...environment, random: draw },
    );
    const { evidence } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(drawn).toHaveLength(2);
    expect(drawn[0]).not.toBe(drawn[1]);
    expect(evidence.retries.map(({ waitedMs }) => waitedMs)).toEqual(
      drawn.map((value) => Math.round(200 * (1 + value / 10))),
    );
  });

  it.each([
    [429, { 'retry-after': '3600' }, '{}', { cause: 'rate', retryAfterMs: 3_600_000 }],
    [429, {}, '{"error":"You have exceeded your daily quota"}', { cause: 'quota' }],
    [402, {}, '{}', { cause: 'quota' }],
    [403, {}, '{}', { cause: 'auth' }],
    [422, {}, '{"detail":"needed: 4, got: 3"}', { cause: 'bad_request' }],
    [500, {}, '<html>content policy</html>', { cause: 'unknown' }],
  ])('does not repeat %i %j %s', async (code, headers, body, outcome) => {
    const server = await serve({ join: status(code, headers as Record<string, string>, body) });
    const generation = await ask(server.url);
    expect(generation.outcome).toMatchObject({ kind: 'failed', ...outcome });
    expect(generation.evidence.response?.status).toBe(code);
    expect(server.seen.filter(({ path }) => path.endsWith('/queue/join'))).toHaveLength(1);
  });

  it.each([502, 503])('gives up after the last attempt at %i', async (code) => {
    const server = await serve({ join: status(code, { 'retry-after-ms': '5' }) });
    const { outcome, evidence } = await ask(server.url, { maxAttempts: 2 });
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'cold', retryAfterMs: 5 });
    expect(evidence.retries).toHaveLength(1);
  });

  it('takes a policy code in a refused request for a refusal, and never asks again', async () => {
    const server = await serve({
      join: status(400, {}, '{"error":{"code":"moderation_blocked"}}'),
    });
    const { outcome, evidence } = await ask(server.url);
    expect(outcome).toEqual({
      kind: 'refused',
      mode: 'hard',
      stage: 'unknown',
      signal: 'moderation_blocked',
    });
    expect(evidence.retries).toEqual([]);
  });

  it('waits for an app that wakes up', async () => {
    const server = await serve({
      info: (response, _incoming, count) =>
        count === 1
          ? status(503, { 'retry-after-ms': '5' }, '<html>waking</html>')(response)
          : status(
              200,
              {},
              JSON.stringify({
                named_endpoints: {
                  '/infer': {
                    parameters: [
                      { parameter_name: 'prompt', type: { type: 'string' }, component: 'Textbox' },
                    ],
                    returns: [{ component: 'Image' }],
                  },
                },
              }),
            )(response),
    });
    await expect(connect(server.url).describe(createContext().signal)).resolves.toMatchObject({
      kind: 'gradio',
    });
  });
});

describe('a server that cannot be used', () => {
  const describeAt = (url: string, options = {}) =>
    connect(url, options).describe(createContext().signal);

  it('is unreachable', async () => {
    const server = await startFaultServer();
    await server.stop();
    await expect(describeAt(server.url)).rejects.toMatchObject({
      code: 'endpoint_unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const { outcome } = await ask(server.url, { maxAttempts: 1 });
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'network' });
  });

  it('never answers', async () => {
    const server = await serve({ config: () => {} });
    await expect(describeAt(server.url, { coldStartMs: 100 })).rejects.toMatchObject({
      code: 'endpoint_timeout',
    });
    const { outcome } = await ask(server.url, { coldStartMs: 100 });
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
  });

  it('never answers a request', async () => {
    const server = await serve({ join: () => {} });
    const { outcome } = await ask(server.url, { timeoutMs: 100 });
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
  });

  it('answers with a page instead of JSON', async () => {
    const page = status(200, { 'content-type': 'text/html' }, '<html>Welcome</html>');
    const server = await serve({ config: page });
    await expect(describeAt(server.url)).rejects.toMatchObject({ code: 'gradio_not_gradio' });
    const late = await serve({ join: page });
    expect((await ask(late.url)).outcome).toMatchObject({ kind: 'failed', cause: 'protocol' });
  });

  it('speaks the protocol of Gradio 3', async () => {
    const server = await serve({ configParts: () => ({ protocol: 'ws' }) });
    await expect(describeAt(server.url)).rejects.toMatchObject({ code: 'gradio_legacy' });
  });

  it.each([
    [
      { parameters: { guidance_scal: 2 } },
      'gradio_unknown_parameter',
      'Did you mean "guidance_scale"?',
    ],
    [{ mapping: { seed: 'sed' } }, 'gradio_unknown_parameter', 'Did you mean "seed"?'],
    [{ mapping: { prompt: 'positive' } }, 'gradio_unknown_parameter', 'prompt'],
    [{ api: '/inver' }, 'gradio_unknown_api', 'Did you mean "/infer"?'],
    [{ parameters: { guidance_scale: 'high' } }, 'gradio_bad_parameter', 'parameters'],
    [{ positional: ['$prompt'] }, 'gradio_positional_length', 'guidance_scale, seed'],
    [{ parameters: { prompt: 'fixed' } }, 'gradio_fixed_prompt', 'mapping'],
    [{ modality: 'video' }, 'gradio_api_ambiguous', '/infer'],
  ])('lacks what is named by %j', async (options, code, hint) => {
    const server = await serve();
    await expect(describeAt(server.url, options)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });

  it('says which parameters exist', async () => {
    const server = await serve();
    await expect(describeAt(server.url, { parameters: { nothing_like_it: 1 } })).rejects.toThrow(
      'prompt, guidance_scale, seed, randomize_seed',
    );
  });
});

describe('a server that is after the token', () => {
  it('is refused when its root lies elsewhere', async () => {
    const thief = await serve();
    const server = await serve({ configParts: () => ({ root: thief.url }) });
    const endpoint = connect(server.url, { tokenEnv: 'TOKEN' });
    await expect(endpoint.describe(createContext().signal)).rejects.toMatchObject({
      code: 'gradio_foreign_root',
    });
    const { outcome } = await endpoint.generate(request, createContext());
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(thief.seen).toEqual([]);
    expect(server.seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });

  it.each(['@', ':1@', '.'])('is refused when its prefix leads elsewhere by "%s"', async (sign) => {
    const thief = await serve();
    const host = new URL(thief.url).host;
    const server = await serve({ configParts: () => ({ api_prefix: `${sign}${host}` }) });
    await expect(
      connect(server.url, { tokenEnv: 'TOKEN' }).describe(createContext().signal),
    ).rejects.toMatchObject({ code: 'gradio_foreign_root' });
    expect(thief.seen).toEqual([]);
  });

  it('gets nothing out of the client, whatever the client is told to ask for', async () => {
    const thief = await serve();
    const faults: unknown[] = [];
    const client = new LeasedClient('http://127.0.0.1:1', {
      token: TOKEN,
      lease: {
        fetch: environment.fetch,
        origin: 'http://127.0.0.1:1',
        credentials: { authorization: `Bearer ${TOKEN}` },
        prepared: new Map(),
        signal: new AbortController().signal,
        onRefusedRequest: () => {},
        onJob: async () => {},
        onUnexpectedError: () => {},
        onFault: (fault) => faults.push(fault),
      },
    });
    await expect(client.fetch(`${thief.url}/gradio_api/queue/join`)).rejects.toThrow(
      'another origin',
    );
    client.stream(new URL(`${thief.url}/gradio_api/queue/data`));
    await vi.waitFor(() => expect(faults).toHaveLength(2));
    expect(faults).toMatchObject([
      { where: 'request', code: 'foreign_origin' },
      { where: 'stream', code: 'foreign_origin' },
    ]);
    expect(thief.seen).toEqual([]);
  });

  it('cannot show the client another configuration than us', async () => {
    const thief = await serve();
    const server = await serve({
      configParts: (root) => ({
        root: server === undefined || server.seen.length < 2 ? root : thief.url,
      }),
    });
    const { outcome } = await ask(server.url, { tokenEnv: 'TOKEN' });
    expect(outcome.kind).toBe('media');
    expect(thief.seen).toEqual([]);
  });

  it.each(['config', 'info', 'join', 'data'] as const)('cannot redirect %s', async (route) => {
    const thief = await serve();
    const server = await serve({ [route]: status(307, { location: thief.url }) });
    const { outcome } = await ask(server.url, { tokenEnv: 'TOKEN' });
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'protocol' });
    expect(thief.seen).toEqual([]);
  });

  it('cannot get it by the way of Hugging Face', async () => {
    const asked: string[] = [];
    const server = await serve({ configParts: () => ({ space_id: 'owner/name' }) });
    const fetchBefore = globalThis.fetch;
    globalThis.fetch = (input, init) => {
      asked.push(new URL(input instanceof Request ? input.url : input).origin);
      return fetchBefore(input, init);
    };
    try {
      expect((await ask(server.url, { tokenEnv: 'TOKEN' })).outcome.kind).toBe('media');
    } finally {
      globalThis.fetch = fetchBefore;
    }
    expect(new Set(asked)).toEqual(new Set([server.url]));
  });

  it('gets no token for media of another origin, and evidence holds none', async () => {
    const server = await serve({
      values: (root) => [{ url: `${root}/file/a.png?__sign=${TOKEN}` }],
    });
    const { outcome, evidence } = await ask(server.url, { tokenEnv: 'TOKEN' });
    expect(outcome.kind).toBe('media');
    expect(JSON.stringify(evidence)).not.toContain(TOKEN);
    expect(JSON.stringify(evidence)).not.toContain('__sign');
  });

  it('needs its variable to be set', () => {
    expect(() => connect('http://127.0.0.1:1', { tokenEnv: 'MISSING' })).toThrow('MISSING');
  });
});

describe('media that is not taken', () => {
  it('is too large', async () => {
    const server = await serve();
    const { outcome, evidence } = await ask(server.url, { maxMediaBytes: PNG.length - 1 });
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    expect(evidence.fault).toMatchObject({ where: 'media', code: 'too_large' });
    expect((await ask(server.url, { maxMediaBytes: PNG.length })).outcome.kind).toBe('media');
  });

  it('lies on another server of this machine', async () => {
    const inner = await serve();
    const server = await serve({ values: () => [{ url: `${inner.url}/file/secret.png` }] });
    const { outcome } = await ask(server.url);
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    expect(inner.seen).toEqual([]);
  });

  it.each([
    'http://127.0.0.1:1/a.png',
    'https://127.0.0.1:1/a.png',
    'https://[::1]:1/a.png',
    'https://169.254.169.254/latest',
    'file:///etc/passwd',
  ])('is redirected to %s', async (location) => {
    const server = await serve({
      file: (response) => void response.writeHead(302, { location }).end(),
    });
    const { outcome, evidence } = await ask(server.url);
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    expect(['not_https', 'private_address', 'bad_url']).toContain(evidence.fault?.code);
  });

  it('has expired, is empty, or is no medium', async () => {
    const gone = await serve({ file: status(403) });
    expect((await ask(gone.url)).outcome).toMatchObject({ cause: 'media_rejected' });
    const empty = await serve({ file: status(200, {}, '') });
    expect((await ask(empty.url)).outcome).toMatchObject({ cause: 'media_rejected' });
    const text = await serve({ file: status(200, {}, 'hello') });
    expect((await ask(text.url)).outcome).toMatchObject({ cause: 'media_rejected' });
  });

  it('is not there at all', async () => {
    const server = await serve({ values: () => [null, 7] });
    expect((await ask(server.url)).outcome).toMatchObject({ kind: 'failed', cause: 'no_media' });
  });

  it('came inline, and its bytes stay out of the evidence', async () => {
    const uri = `data:image/png;base64,${PNG.toString('base64')}`;
    const server = await serve({ values: () => [{ url: uri, path: null }] });
    const { outcome, evidence } = await ask(server.url);
    expect(outcome.kind).toBe('media');
    expect(JSON.stringify(evidence)).not.toContain(PNG.toString('base64').slice(0, 40));
  });
});

it('passes on what the journal throws', async () => {
  const server = await serve();
  const full = new Error('disk full');
  const context = { ...createContext(), onJob: () => Promise.reject(full) };
  await expect(connect(server.url).generate(request, context)).rejects.toBe(full);
});
