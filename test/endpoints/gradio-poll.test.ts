import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Endpoint } from '../../src/endpoints/endpoint.ts';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { gradioAvailable, startGradioApp } from './gradio-app.ts';
import { createContext, environment, request } from './memory-context.ts';

// The words of the prompt that spaces.py obeys.
const asking = (word: string) => ({ ...request, promptText: `a field of ${word}` });

describe.skipIf(!gradioAvailable)('an app that is polled, on the real server', () => {
  let server: Awaited<ReturnType<typeof startGradioApp>>;
  const open: Endpoint[] = [];
  beforeAll(async () => {
    server = await startGradioApp('spaces.py');
  }, 120_000);
  afterEach(async () => {
    for (const endpoint of open.splice(0)) await endpoint.close();
  });
  afterAll(() => server?.stop());

  function connect(options: Record<string, unknown> = {}, fetch = environment.fetch): Endpoint {
    const parsed = gradioOptionsSchema.parse({
      preset: 'wan-2.1',
      url: `${server.url}/wan-2.1`,
      poll: { api: '/status_refresh', everyMs: 20 },
      timeoutMs: 60_000,
      ...options,
    });
    const endpoint = createGradioEndpoint('polled', parsed, { ...environment, fetch });
    open.push(endpoint);
    return endpoint;
  }

  it('brings the video in the session of the request, as one job', async () => {
    const context = createContext();
    const { outcome, evidence } = await connect().generate(request, context);
    expect(outcome).toMatchObject({ kind: 'media', media: [{ kind: 'video' }] });
    expect(context.jobs).toHaveLength(1);
    expect(evidence.retries).toEqual([]);
    // Of three polls the last is kept.
    expect(evidence.events.filter(({ type }) => type === 'data')).toHaveLength(1);
    expect(JSON.stringify(evidence.events)).not.toContain('so far');
  });

  it('keeps two jobs at once apart', async () => {
    const endpoint = connect();
    const [video, refusal] = await Promise.all([
      endpoint.generate(request, createContext()),
      endpoint.generate(asking('bramble'), createContext()),
    ]);
    expect(video.outcome.kind).toBe('media');
    expect(refusal.outcome).toMatchObject({ kind: 'refused', mode: 'text' });
  });

  it.each([
    ['thistle', 'when it is asked'],
    ['nettle', 'while it is polled'],
    ['bramble', 'in words while it is polled'],
  ])('refuses %s %s, and is not polled any longer', async (word) => {
    const { outcome, evidence } = await connect().generate(asking(word), createContext());
    expect(outcome).toMatchObject({ kind: 'refused' });
    expect(evidence.fault).toBeUndefined();
  });

  it('runs into the deadline where the video never comes', async () => {
    const { outcome } = await connect({ timeoutMs: 1_500 }).generate(
      asking('clover'),
      createContext(),
    );
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
  });

  it('stops with the caller', async () => {
    const caller = new AbortController();
    const context = {
      ...createContext(caller.signal),
      onJob: async () => {
        setImmediate(() => caller.abort());
      },
    };
    const { evidence } = await connect().generate(asking('clover'), context);
    expect(evidence.fault).toMatchObject({ where: 'abort' });
  });

  it('ends at the value that `until` names, media or none', async () => {
    const poll = { api: 'status_refresh', everyMs: 20, until: { output: 2, equals: 100 } };
    const done = await connect({ poll }).generate(request, createContext());
    expect(done.outcome).toMatchObject({ kind: 'media' });
    const early = { ...poll, until: { output: 2, equals: 2 } };
    const none = await connect({ poll: early }).generate(request, createContext());
    expect(none.outcome).toMatchObject({ kind: 'failed', cause: 'no_media' });
  });

  it('outlives a server that is busy for a poll, and asks for no second video', async () => {
    let joins = 0;
    const endpoint = connect({}, (input, init) => {
      if (!String(input).includes('/queue/join')) return environment.fetch(input, init);
      joins += 1;
      return joins === 2
        ? Promise.resolve(new Response('{"detail":"Queue is full."}', { status: 503 }))
        : environment.fetch(input, init);
    });
    const context = createContext();
    const { outcome, evidence } = await endpoint.generate(request, context);
    expect(outcome.kind).toBe('media');
    expect(evidence.response).toBeUndefined();
    expect(evidence.retries).toEqual([]);
    expect(context.jobs).toHaveLength(1);
    await vi.waitFor(() => expect(joins).toBe(5));
  });

  it('asks for no second video after a poll that could not be sent', async () => {
    let joins = 0;
    const endpoint = connect({}, (input, init) => {
      if (!String(input).includes('/queue/join')) return environment.fetch(input, init);
      joins += 1;
      const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      return joins === 2
        ? Promise.reject(new TypeError('fetch failed', { cause: refused }))
        : environment.fetch(input, init);
    });
    const { outcome } = await endpoint.generate(request, createContext());
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'network' });
    expect(joins).toBe(2);
  });

  it.each([
    [{ api: '/status' }, 'gradio_unknown_api'],
    [{ api: '/t2v_generation_async', until: { output: 9, equals: 1 } }, 'gradio_poll_output'],
  ])('has no %j', async (poll, code) => {
    await expect(connect({ poll }).describe(createContext().signal)).rejects.toMatchObject({
      code,
    });
  });
});
