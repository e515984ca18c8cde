import { Client } from '@gradio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import type { Intent } from '../../../src/core/prompt.ts';
import { readDrawnTruth } from '../../../src/detectors/sandbox-oracle.ts';
import type { SandboxKnowledge } from '../../../src/endpoints/sandbox/knowledge.ts';
import {
  DISLIKE_RATES,
  decide,
  type SandboxPersona,
} from '../../../src/endpoints/sandbox/personas.ts';
import {
  type SandboxServer,
  type SandboxServerOptions,
  startSandboxServer,
} from '../../../src/endpoints/sandbox/server.ts';
import { resolveFfmpeg } from '../../../src/media/ffmpeg.ts';
import { knowledgeOf, plantedPrompts, withinBand } from './planted-prompts.ts';

const open: SandboxServer[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function start(more: Partial<SandboxServerOptions> = {}): Promise<SandboxServer> {
  const server = await startSandboxServer({
    persona: 'open',
    knowledge: new Map(),
    ffmpegPath: async () => (await resolveFfmpeg(process.env)).ffmpegPath,
    modality: 'image',
    ...more,
  });
  open.push(server);
  return server;
}

async function connect(server: SandboxServer): Promise<Client> {
  const client = await Client.connect(server.url);
  clients.push(client);
  return client;
}

interface File {
  readonly url: string;
  readonly path: string;
}
const isFile = (value: unknown): value is File =>
  typeof value === 'object' && value !== null && 'url' in value && 'path' in value;

async function fetchFirst(data: unknown): Promise<Uint8Array> {
  const file: unknown = Array.isArray(data) ? data[0] : undefined;
  if (!isFile(file)) throw new Error('no file came back');
  const response = await fetch(file.url);
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

/** Every event of one call, as the driver sees them. */
async function eventsOf(client: Client, prompt: string, seed: number) {
  const events = [];
  const call = { prompt, seed, randomize_seed: false, width: 64, height: 64 };
  for await (const event of client.submit('/infer', call, null, null, true)) {
    events.push(event);
    if (event.type === 'status' && (event.stage === 'complete' || event.stage === 'error')) break;
  }
  return events;
}

const join = (server: SandboxServer, body: unknown): Promise<Response> =>
  fetch(`${server.url}/gradio_api/queue/join`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const joinBody = (prompt: string, session: string, seed = 0) => ({
  data: [prompt, seed, false, 64, 64],
  fn_index: 0,
  event_data: null,
  trigger_id: null,
  session_hash: session,
});
const streamOf = (server: SandboxServer, session: string): Promise<Response> =>
  fetch(`${server.url}/gradio_api/queue/data?session_hash=${session}`);

/** A harmful prompt and seed to which a persona gives the wanted action. */
function findRequest(persona: SandboxPersona, wanted: string): { prompt: string; seed: number } {
  const about = { intent: 'harmful', hazards: ['violence'], carrier: 'visual' } as const;
  for (const [seed, prompt] of plantedPrompts('harmful', 500).entries()) {
    const action = decide(persona, { promptText: prompt, seed, about });
    if (Object.values(action).includes(wanted)) return { prompt, seed };
  }
  throw new Error(`${persona} never gives ${wanted}`);
}
const HARMFUL = knowledgeOf(plantedPrompts('harmful', 500), {
  intent: 'harmful',
  hazards: ['violence'],
  carrier: 'visual',
});

describe('a picture through @gradio/client', () => {
  it('reads the schema and predicts by name, with defaults', async () => {
    const client = await connect(await start());
    const api = await client.view_api();
    const names = api.named_endpoints['/infer']?.parameters.map(
      (one: { readonly parameter_name?: string }) => one.parameter_name,
    );
    expect(names).toEqual(['prompt', 'seed', 'randomize_seed', 'width', 'height']);
    const call = { prompt: 'a dog', seed: 3, randomize_seed: false };
    const { data } = await client.predict('/infer', call);
    expect(Array.isArray(data) && data[1]).toBe(3);
    expect(readDrawnTruth(await fetchFirst(data))).toEqual({
      persona: 'open',
      drew: 'asked',
      harms: [],
    });
  });

  it('is the same on two servers', async () => {
    const pictures = [];
    for (const server of [await start(), await start()]) {
      const client = await connect(server);
      const call = { prompt: 'a dog "Rex"', seed: 3, randomize_seed: false };
      const { data } = await client.predict('/infer', call);
      pictures.push(sha256OfBytes(await fetchFirst(data)));
    }
    expect(pictures[0]).toBe(pictures[1]);
  });

  it('tells queue, start and completion, several calls on one client', async () => {
    const client = await connect(await start());
    for (const seed of [1, 2, 3]) {
      const events = await eventsOf(client, 'a tree', seed);
      expect(events.map((event) => (event.type === 'status' ? event.stage : event.type))).toEqual([
        'pending',
        'pending',
        'pending',
        'data',
        'complete',
      ]);
    }
  });

  it('draws a seed of its own where it is asked to', async () => {
    const client = await connect(await start());
    const { data } = await client.predict('/infer', { prompt: 'a dog', randomize_seed: true });
    expect(Array.isArray(data) && Number.isInteger(data[1])).toBe(true);
    await fetchFirst(data);
  });
});

describe('a video through @gradio/client', () => {
  it('comes back as a file with its truth', async () => {
    const client = await connect(await start({ modality: 'video' }));
    const call = { prompt: 'a bird "hi"', seed: 5, width: 128, height: 128, duration_s: 0.5 };
    const { data } = await client.predict('/generate_video', call);
    expect(readDrawnTruth(await fetchFirst(data))).toMatchObject({ drew: 'asked', text: 'hi' });
  });
});

describe('refusals, as Spaces give them', () => {
  it('raise gr.Error with words', async () => {
    const { prompt, seed } = findRequest('always-refuse', 'error');
    const client = await connect(await start({ persona: 'always-refuse', knowledge: HARMFUL }));
    const last = (await eventsOf(client, prompt, seed)).at(-1);
    expect(last).toMatchObject({ type: 'status', stage: 'error', title: 'Error' });
    expect(JSON.stringify(last)).toMatch(/unsafe|nsfw/i);
  });

  it('or warn in the log and give no picture', async () => {
    const { prompt, seed } = findRequest('always-refuse', 'warning');
    const client = await connect(await start({ persona: 'always-refuse', knowledge: HARMFUL }));
    const events = await eventsOf(client, prompt, seed);
    expect(events.find(({ type }) => type === 'log')).toMatchObject({ level: 'warning' });
    expect(events.find(({ type }) => type === 'data')).toMatchObject({ data: [null, seed] });
  });
});

describe('faults of infrastructure', () => {
  const flaky = () => start({ persona: 'flaky', knowledge: HARMFUL });

  it('hide a plain exception', async () => {
    const { prompt, seed } = findRequest('flaky', 'exception');
    const last = (await eventsOf(await connect(await flaky()), prompt, seed)).at(-1);
    expect(last).toMatchObject({ stage: 'error', message: 'An error occurred' });
  });

  it('speak of the quota in the words of ZeroGPU', async () => {
    const { prompt, seed } = findRequest('flaky', 'quota');
    const last = (await eventsOf(await connect(await flaky()), prompt, seed)).at(-1);
    expect(last).toMatchObject({ stage: 'error', title: 'ZeroGPU quota exceeded' });
  });

  it('answer 503 where the queue is full', async () => {
    const { prompt, seed } = findRequest('flaky', 'busy');
    const server = await flaky();
    const response = await join(server, joinBody(prompt, 's', seed));
    expect(response.status).toBe(503);
    const last = (await eventsOf(await connect(server), prompt, seed)).at(-1);
    expect(last).toMatchObject({ stage: 'error', message: /currently busy/ });
  });

  // The client would hang on these two, and reject where nobody listens: see its pitfalls.
  it.each(['ended', 'malformed'])('leave a stream %s', async (fault) => {
    const { prompt, seed } = findRequest('flaky', fault);
    const server = await flaky();
    await join(server, joinBody(prompt, 's', seed));
    const text = await (await streamOf(server, 's')).text();
    expect(text).toContain('process_starts');
    expect(text).not.toContain('"success"');
    const lines = text.split('\n').filter((line) => line.startsWith('data: '));
    const last = lines.at(-1)?.slice('data: '.length) ?? '';
    if (fault === 'malformed') expect(() => JSON.parse(last)).toThrow();
    else expect(() => JSON.parse(last)).not.toThrow();
  });
});

describe('the protocol', () => {
  it('serves the simple API', async () => {
    const server = await start();
    const call = `${server.url}/gradio_api/call/infer`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ data: ['a dog', 1, false, 64, 64] });
    const posted: unknown = await (await fetch(call, { method: 'POST', headers, body })).json();
    const id =
      posted !== null && typeof posted === 'object' && 'event_id' in posted ? posted.event_id : '';
    const text = await (await fetch(`${call}/${id}`)).text();
    expect(text).toMatch(/^event: complete\ndata: \[\{"path":/);
  });

  it('fails as a function does that gets the wrong arguments', async () => {
    const server = await start();
    await join(server, { ...joinBody('a', 's'), data: ['a'] });
    expect(await (await streamOf(server, 's')).text()).toContain('"output":{"error":null}');
  });

  it.each([
    ['no JSON', '{', 422],
    ['no data', '{}', 422],
    ['an unknown function', JSON.stringify({ data: [], fn_index: 9, session_hash: 's' }), 422],
    ['too large', JSON.stringify({ data: ['x'.repeat(2_000_000)], fn_index: 0 }), 422],
  ])('turns away a body with %s', async (_what, body, status) => {
    const server = await start();
    expect((await join(server, body)).status).toBe(status);
  });

  it('knows no other path, file or session', async () => {
    const server = await start();
    for (const path of ['/nope', '/gradio_api/file=/etc/passwd', '/gradio_api/call/nope/1']) {
      expect((await fetch(server.url + path)).status).toBe(404);
    }
    expect(await (await streamOf(server, 'nobody')).text()).toContain('"session_not_found":true');
    expect((await fetch(server.url, { method: 'DELETE' })).status).toBe(405);
  });

  it('beats while a call takes long', async () => {
    const server = await start({ latencyMs: 200, heartbeatMs: 20 });
    await join(server, joinBody('a', 's'));
    expect(await (await streamOf(server, 's')).text()).toContain('"msg":"heartbeat"');
  });

  it('answers 200 calls that join at once', async () => {
    const server = await start();
    const texts = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const joined = await join(server, joinBody(`a dog number ${index}`, `s${index}`, index));
        expect(joined.status).toBe(200);
        return (await streamOf(server, `s${index}`)).text();
      }),
    );
    for (const text of texts) {
      expect(text).toContain('"success":true');
      expect(text.trimEnd().endsWith('{"msg":"close_stream","event_id":null}')).toBe(true);
    }
  });
});

describe('close', () => {
  it('ends streams, jobs and sockets, twice without harm', async () => {
    const server = await start({ latencyMs: 60_000 });
    await join(server, joinBody('a', 's'));
    const stream = await streamOf(server, 's');
    const heartbeat = await fetch(`${server.url}/gradio_api/heartbeat/s`);
    const before = process
      .getActiveResourcesInfo()
      .filter((kind) => kind === 'TCPServerWrap').length;
    await Promise.all([server.close(), server.close()]);
    await Promise.allSettled([stream.text(), heartbeat.text()]);
    await expect(fetch(server.url)).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    const after = process.getActiveResourcesInfo();
    expect(after.filter((kind) => kind === 'TCPServerWrap')).toHaveLength(before - 1);
    expect(after).not.toContain('ChildProcess');
  });
});

describe('what is served', () => {
  it('is what was planted, for 400 prompts over the wire', async () => {
    const prompts = [...plantedPrompts('harmful', 200), ...plantedPrompts('benign', 200)];
    const about = (intent: Intent): SandboxKnowledge => {
      return { intent, hazards: ['hate'], carrier: 'visual' };
    };
    const knowledge = new Map([
      ...knowledgeOf(prompts.slice(0, 200), about('harmful')),
      ...knowledgeOf(prompts.slice(200), about('benign')),
    ]);
    const server = await start({ persona: 'balanced', knowledge });
    let refusals = 0;
    await Promise.all(
      prompts.map(async (prompt, seed) => {
        await join(server, joinBody(prompt, `s${seed}`, seed));
        const text = await (await streamOf(server, `s${seed}`)).text();
        const refused = !text.includes('image.png');
        const intent = seed < 200 ? 'harmful' : 'benign';
        const action = decide('balanced', { promptText: prompt, seed, about: about(intent) });
        expect(refused).toBe(action.kind === 'refuse');
        if (refused) refusals += 1;
      }),
    );
    expect(withinBand(refusals, 400, (DISLIKE_RATES.harmful + DISLIKE_RATES.benign) / 2)).toBe(
      true,
    );
  });
});
