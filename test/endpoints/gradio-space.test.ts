import { afterEach, describe, expect, it } from 'vitest';
import { createGradioEndpoint, gradioOptionsSchema } from '../../src/endpoints/gradio.ts';
import { type FaultServer, startFaultServer } from './fault-server.ts';
import { createContext, environment, request } from './memory-context.ts';

const HOST = 'https://owner-name.hf.space';
const HUB = 'https://huggingface.co/api/spaces/owner/name';
let server: FaultServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

interface Asked {
  readonly url: string;
  readonly authorized: boolean;
}

/** Leads the two public names to this machine; everything else about the requests stays real. */
async function startSpace(hub: { readonly stage?: string; readonly host?: string } = {}) {
  const running = await startFaultServer({
    configParts: () => ({ root: HOST, space_id: 'owner/name' }),
    // Media is not asked for here: it has its own connection, which no test can lead elsewhere.
    values: () => ['NSFW content detected.'],
  });
  server = running;
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    asked.push({ url: url.href, authorized: new Headers(init?.headers).has('authorization') });
    if (url.href === HUB) {
      return Promise.resolve(
        Response.json({ sha: 'c0ffee', runtime: { stage: hub.stage ?? 'RUNNING' } }),
      );
    }
    if (url.href === `${HUB}/host`)
      return Promise.resolve(Response.json({ host: hub.host ?? HOST }));
    if (url.origin !== HOST) return Promise.reject(new TypeError('fetch failed'));
    return globalThis.fetch(new URL(url.pathname + url.search, running.url), init);
  };
  const options = gradioOptionsSchema.parse({ space: 'owner/name', tokenEnv: 'TOKEN' });
  const endpoint = createGradioEndpoint('space', options, {
    ...environment,
    fetch,
    env: { TOKEN: 't0ken' },
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
