import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpAdapter, HttpProbe } from '../../src/endpoints/http-adapter.ts';
import { createHttpEndpoint } from '../../src/endpoints/http-endpoint.ts';
import type { HttpOptions } from '../../src/endpoints/http-options.ts';
import { completed } from '../../src/endpoints/http-signals.ts';
import { createHttpTransport } from '../../src/endpoints/http-transport.ts';
import { createContext, environment, request } from './memory-context.ts';
import { type ProviderServer, startProviderServer } from './provider-server.ts';

const SECRET = 'a-key-for-the-test';
const OPTIONS: HttpOptions = {
  count: 1,
  timeoutMs: 5_000,
  maxAttempts: 1,
  pollIntervalMs: 1,
  maxMediaBytes: 1_000,
};

let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer('image');
});
afterAll(() => server.stop());

function adapter(parts: Partial<HttpAdapter> = {}): HttpAdapter {
  return {
    protocol: 'test',
    describe: () => ({
      modality: 'image',
      baseUrl: `${server.url}/base`,
      authorization: { variables: { key: 'KEY' }, headers: ({ key = '' }) => ({ 'x-key': key }) },
      parameters: {},
      safetySettings: {},
      revision: 'pinned',
      takesSeed: false,
      notice: 'a test',
    }),
    buildRequest: (_options, { promptText }) => ({
      name: 'submit',
      method: 'POST',
      url: 'make',
      body: { kind: 'form', fields: { prompt: promptText } },
    }),
    parseResponse: () => completed({}, { media: [{ kind: 'body' }] }),
    ...parts,
  };
}
const create = (parts?: Partial<HttpAdapter>) =>
  createHttpEndpoint('one', adapter(parts), OPTIONS, { ...environment, env: { KEY: SECRET } });

describe('the probe', () => {
  const probe: HttpProbe = {
    buildCall: () => ({ name: 'probe', method: 'GET', url: 'version' }),
    parse: (reply) =>
      reply.body.kind === 'json' && reply.body.value === 'wrong'
        ? { kind: 'problem', message: 'serves another model', hint: 'Name one of these.' }
        : { kind: 'ok', revision: 'v7' },
  };
  const describeWith = async (reply: Parameters<ProviderServer['play']>[0][number]) => {
    server.play([reply]);
    const endpoint = create({ probe });
    try {
      return await endpoint.describe(createContext().signal);
    } finally {
      await endpoint.close();
    }
  };

  it('resolves the revision, and says what the report must say', async () => {
    expect(await describeWith({ json: {} })).toMatchObject({
      revision: 'v7',
      notice: 'a test; takes no seed: trials cannot be done again exactly',
    });
    expect(server.calls).toMatchObject([{ path: '/base/version', headers: { 'x-key': SECRET } }]);
  });

  it('takes a server without its route', async () => {
    expect(await describeWith({ status: 404, json: {} })).toMatchObject({ revision: 'pinned' });
    expect(await describeWith({ text: '<html></html>' })).toMatchObject({ revision: 'pinned' });
  });

  it.each([
    [{ status: 401, json: {} }, 'endpoint_unauthorized'],
    [{ status: 403, text: 'no' }, 'endpoint_unauthorized'],
    [{ json: 'wrong' }, 'endpoint_misfit'],
    [
      {
        raw: (_response: unknown, incoming: { socket: { destroy(): void } }) =>
          incoming.socket.destroy(),
      },
      'endpoint_unreachable',
    ],
  ])('stops the run on %j', async (reply, code) => {
    await expect(describeWith(reply)).rejects.toMatchObject({ code });
  });
});

describe('the driver', () => {
  it('sends a form, and takes the reply itself for the medium', async () => {
    server.play([{ headers: { 'content-type': 'image/png' }, bytes: server.medium(0).bytes }]);
    const endpoint = create();
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(outcome).toMatchObject({ kind: 'media', withheld: 0 });
    expect(server.calls[0]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(server.calls[0]?.body).toContain(request.promptText);
    expect(evidence.response?.body).toMatchObject({
      kind: 'media',
      sha256: evidence.media[0]?.sha256,
    });
  });

  it('tells what an answer reported, and drops an echo of the prompt', async () => {
    server.play([{ json: {} }]);
    const endpoint = create({
      parseResponse: () =>
        completed(
          {},
          {
            revision: 'r2',
            safety: { strict: true },
            revisedPrompt: request.promptText,
            costUsd: 0,
          },
        ),
    });
    const generation = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(generation).toMatchObject({
      reported: { revision: 'r2', safetySettings: { strict: true } },
      revisedPrompt: undefined,
      costUsd: 0,
    });
  });

  it('takes no video for a picture', async () => {
    const film = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom', 'latin1')]);
    server.play([{ headers: { 'content-type': 'video/mp4' }, bytes: film }]);
    const endpoint = create();
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'media_rejected' });
    expect(evidence.fault).toMatchObject({ code: 'wrong_kind' });
  });

  it('slows an adapter down that would ask without a pause, and tells its job once', async () => {
    server.play([{ json: {} }]);
    const call = { name: 'status', method: 'GET', url: 's' } as const;
    const endpoint = createHttpEndpoint(
      'one',
      adapter({ parseResponse: () => ({ kind: 'poll', call, afterMs: 0, jobId: 'j' }) }),
      { ...OPTIONS, timeoutMs: 300, pollIntervalMs: 60 },
      { ...environment, env: { KEY: SECRET } },
    );
    const context = createContext();
    const { outcome } = await endpoint.generate(request, context);
    await endpoint.close();
    expect(context.jobs).toEqual(['j']);
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
    expect(server.calls.length).toBeLessThan(10);
  });
});

describe('the transport', () => {
  const transport = createHttpTransport({
    baseUrl: new URL('https://api.example.org/v1'),
    ownHosts: ['.example.org', 'other.example.com'],
    authorization: { variables: {}, headers: () => ({}) },
    secrets: {},
    maxBytes: 1,
    wallClock: () => new Date(0),
  });
  afterAll(() => transport.close());

  it.each([
    'http://api.example.org/v1/x',
    'https://api.example.org:8443/x',
    'https://example.org.evil.com/x',
    'https://evilexample.org/x',
    'https://sub.other.example.com/x',
    'https://user@evil.com/api.example.org',
    'file:///etc/passwd',
    '//evil.com/x',
  ])('does not call %s', async (url) => {
    const answer = await transport.send(
      { name: 'x', method: 'GET', url },
      new AbortController().signal,
    );
    expect(answer).toMatchObject({ kind: 'problem', code: 'foreign_origin' });
  });
});
