import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { type FaultServer, type Faults, sendJson, startFaultServer } from './fault-server.ts';
import { createContext, environment, request } from './memory-context.ts';

const HOST = 'https://owner-name.hf.space';
const HUB = 'https://huggingface.co/api/spaces/owner/name';
let server: FaultServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const SCHEMA = {
  named_endpoints: {
    '/infer': {
      parameters: [{ parameter_name: 'prompt', type: { type: 'string' }, component: 'Textbox' }],
      returns: [{ component: 'Image' }],
    },
  },
};

interface Asked {
  readonly url: string;
  readonly authorized: boolean;
}

/** Leads the two public names to this machine; everything else about the requests stays real. */
async function startSpace(
  hub: {
    readonly stage?: string;
    /** Of the first answers, before it runs. */
    readonly stages?: readonly string[];
    readonly host?: string;
    readonly runtimeSha?: string;
  } = {},
  faults: Faults = {},
  written: Record<string, unknown> = {},
  random: () => number = environment.random,
) {
  const stages = [...(hub.stages ?? [])];
  let stage = 'RUNNING';
  const running = await startFaultServer({
    configParts: () => ({ root: HOST, space_id: 'owner/name' }),
    // Media is not asked for here: it has its own connection, which no test can lead elsewhere.
    values: () => ['NSFW content detected.'],
    ...faults,
  });
  server = running;
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    asked.push({ url: url.href, authorized: new Headers(init?.headers).has('authorization') });
    if (url.href === HUB) {
      stage = stages.shift() ?? hub.stage ?? 'RUNNING';
      return Promise.resolve(
        Response.json({
          sha: 'c0ffee',
          runtime: { stage, ...(hub.runtimeSha === undefined ? {} : { sha: hub.runtimeSha }) },
        }),
      );
    }
    if (url.href === `${HUB}/host`)
      return Promise.resolve(Response.json({ host: hub.host ?? HOST }));
    if (stage !== 'RUNNING') {
      const headers = { 'retry-after-ms': '5' };
      return Promise.resolve(new Response('<html>asleep</html>', { status: 503, headers }));
    }
    if (url.origin !== HOST) return Promise.reject(new TypeError('fetch failed'));
    return globalThis.fetch(new URL(url.pathname + url.search, running.url), init);
  };
  const options = gradioOptionsSchema.parse({
    space: 'owner/name',
    tokenEnv: 'TOKEN',
    ...written,
  });
  const endpoint = createGradioEndpoint('space', options, {
    ...environment,
    fetch,
    env: { TOKEN: 't0ken' },
    random,
  });
  return { endpoint, asked };
}

describe('a Hugging Face Space', () => {
  it('is found by name, pinned to its commit, and asked for no signed token', async () => {
    const { endpoint, asked } = await startSpace();
    await expect(endpoint.describe(createContext().signal)).resolves.toMatchObject({
      revision: 'c0ffee',
    });
    const { outcome } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(outcome).toMatchObject({ kind: 'refused', mode: 'text' });
    expect(asked.find(({ url }) => url === `${HOST}/config`)?.authorized).toBe(false);
    expect(asked.filter(({ url }) => url.includes('/jwt') || url.includes('__sign'))).toEqual([]);
    expect(asked.every(({ url }) => url.startsWith(HUB) || url.startsWith(HOST))).toBe(true);
    // Everything but the first look carries the token.
    expect(asked.filter(({ authorized }) => !authorized)).toHaveLength(1);
  });

  it('is refused where Hugging Face names a foreign host', async () => {
    const { endpoint, asked } = await startSpace({ host: 'https://elsewhere.example' });
    await expect(endpoint.describe(createContext().signal)).rejects.toMatchObject({
      code: 'space_not_found',
    });
    expect(asked).toHaveLength(2);
  });

  it('says that it is paused', async () => {
    const { endpoint } = await startSpace({ stage: 'PAUSED' });
    await expect(endpoint.describe(createContext().signal)).rejects.toMatchObject({
      code: 'space_not_running',
      message: expect.stringContaining('PAUSED'),
    });
    expect((await endpoint.generate(request, createContext())).outcome).toMatchObject({
      cause: 'cold',
    });
  });
});

describe('a Space that sleeps', () => {
  const page = (status: number) => (response: ServerResponse) =>
    void response
      .writeHead(status, { 'content-type': 'text/html', 'retry-after-ms': '5' })
      .end('<html>waking up</html>');

  it('is woken and waited for, stage by stage, and the trial tells', async () => {
    const stages = ['SLEEPING', 'SLEEPING', 'BUILDING', 'APP_STARTING'];
    const { endpoint, asked } = await startSpace({ stages });
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    const later = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(outcome.kind).toBe('refused');
    expect(evidence.retries.map(({ cause }) => cause)).toEqual([
      'space_sleeping',
      'space_building',
      'space_app_starting',
    ]);
    expect(evidence.retries[0]).toEqual({ cause: 'space_sleeping', waitedMs: 10 });
    // A knock for every stage, and the real question.
    expect(asked.filter(({ url }) => url === `${HOST}/config`)).toHaveLength(5);
    // Who finds it awake has waited for nothing.
    expect(later.evidence.retries).toEqual([]);
  });

  it('is asked for at times of its own, so that many runs do not knock in step', async () => {
    const waited = async (drawn: number) => {
      const { endpoint } = await startSpace({ stages: ['SLEEPING'] }, {}, {}, () => drawn);
      const { evidence } = await endpoint.generate(request, createContext());
      await endpoint.close();
      return evidence.retries.map(({ waitedMs }) => waitedMs);
    };
    expect(await waited(0)).toEqual([5]);
    expect(await waited(1)).toEqual([6]);
  });

  it('is given up after the time for a cold start, which is not the time of an attempt', async () => {
    const { endpoint } = await startSpace(
      { stages: Array.from({ length: 100_000 }, () => 'BUILDING') },
      {},
      { coldStartMs: 100, timeoutMs: 600_000 },
    );
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'timeout' });
    expect(evidence.retries).toMatchObject([{ cause: 'space_building' }]);
    await endpoint.close();
  });

  it('fails where waking ends in an error', async () => {
    const { endpoint } = await startSpace({ stages: ['SLEEPING', 'BUILD_ERROR'] });
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    expect(outcome).toMatchObject({ kind: 'failed', cause: 'cold' });
    expect(evidence.retries).toEqual([{ cause: 'space_sleeping', waitedMs: 5 }]);
    await endpoint.close();
  });

  it('fell asleep between two trials, and takes longer to wake than attempts would wait', async () => {
    let asleep = 0;
    const { endpoint } = await startSpace(
      {},
      {
        join: (response) =>
          asleep > 0 ? page(503)(response) : sendJson(response, { event_id: 'job-1' }),
        info: (response) => {
          asleep -= 1;
          if (asleep > 0) return page(503)(response);
          asleep = 0;
          sendJson(response, SCHEMA);
        },
      },
      { maxAttempts: 2 },
    );
    expect((await endpoint.generate(request, createContext())).outcome.kind).toBe('refused');
    asleep = 6;
    const { outcome, evidence } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(outcome.kind).toBe('refused');
    expect(evidence.retries).toEqual([
      { cause: 'http_503', waitedMs: 5 },
      { cause: 'http_503', waitedMs: 25 },
    ]);
  });

  it('is recorded with the commit that runs, trial by trial', async () => {
    const { endpoint } = await startSpace({ runtimeSha: 'decaf' });
    await expect(endpoint.describe(createContext().signal)).resolves.toMatchObject({
      revision: 'decaf',
    });
    const { reported } = await endpoint.generate(request, createContext());
    await endpoint.close();
    expect(reported).toEqual({ revision: 'decaf' });
  });
});

describe('the options', () => {
  it.each([
    [{}, 'either'],
    [{ url: 'http://a', space: 'a/b' }, 'either'],
    [{ url: 'ftp://a' }, 'url'],
    [{ space: 'just-a-name' }, 'owner/name'],
    [{ url: 'http://a', tokenEnv: 'hf-abc def' }, 'environment variable'],
    [{ url: 'http://a', positional: [1] }, '$prompt'],
    [{ url: 'http://a', positional: ['$prompt'], parameters: { a: 1 } }, 'stands alone'],
    [{ url: 'http://a', timeout: 3 }, 'timeout'],
  ])('refuses %j', (options, problem) => {
    const parsed = gradioOptionsSchema.safeParse(options);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(problem);
  });
});
