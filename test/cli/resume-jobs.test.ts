import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PNG } from '../endpoints/fault-server.ts';
import { safelight, startSafelight } from './safelight.ts';

const JOBS = 4;

/** A provider that bills each submission, and finishes jobs when it is told to. */
let provider: Server;
let folder: string;
let pipeline: string;
let submitted = 0;
let finishes = false;
const known = new Set<string>();

beforeAll(async () => {
  provider = createServer((request, response) => {
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    request.resume();
    const id = request.url?.split('/').at(-1) ?? '';
    if (request.method === 'POST') {
      submitted += 1;
      known.add(`job-${submitted}`);
      json(200, { id: `job-${submitted}`, state: 'running' });
    } else if (!known.has(id)) json(404, { error: 'no such job' });
    else if (!finishes) json(200, { id, state: 'running' });
    else json(200, { id, state: 'done', image: Buffer.from(PNG).toString('base64') });
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'safelight-jobs-'));
  pipeline = join(folder, 'pipeline.yaml');
  await writeFile(
    pipeline,
    `
name: jobs
suites: [controls]
sample: { families: ${JOBS}, seed: 1 }
endpoints:
  - id: provider
    use: http
    concurrency: ${JOBS}
    baseUrl: http://127.0.0.1:${(provider.address() as AddressInfo).port}
    url: jobs
    body: { prompt: "{prompt}" }
    pollIntervalMs: 100
    job: { id: $.id, url: "jobs/{jobId}", status: $.state, running: [running], done: [done] }
    media: { base64: $.image }
detectors: [pixel-screen]
`,
  );
});
afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  submitted = 0;
  finishes = false;
  known.clear();
});

interface Line {
  readonly type: string;
  readonly outcome?: { readonly kind: string };
  readonly evidence?: {
    readonly events: readonly { readonly type: string; readonly payload: string }[];
    readonly retries: readonly unknown[];
  };
}

async function journalOf(run: string, type: string): Promise<Line[]> {
  const text = await readFile(join(run, 'journal.jsonl'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line.startsWith(`{"type":"${type}"`) && line.endsWith('}'))
    .map((line) => JSON.parse(line));
}

/** Kills a run when all its jobs are in the journal and none has ended. */
async function killWithJobs(run: string): Promise<void> {
  const { child, ended } = startSafelight(['run', pipeline, '--out', run, '--json']);
  while ((await journalOf(run, 'job')).length < JOBS && child.exitCode === null) await sleep(10);
  child.kill('SIGKILL');
  expect((await ended).exitCode).toBeNull();
  expect(submitted).toBe(JOBS);
  expect(await journalOf(run, 'generated')).toEqual([]);
}

async function resume(run: string): Promise<readonly (readonly string[])[]> {
  finishes = true;
  const { stderr } = await safelight(['run', pipeline, '--out', run, '--resume', '--json']);
  expect(stderr).toBe('');
  const generated = await journalOf(run, 'generated');
  // What was picked up was not repeated: reports count those apart.
  expect(generated.flatMap(({ evidence }) => evidence?.retries ?? [])).toEqual([]);
  expect(generated.map(({ outcome }) => outcome?.kind)).toEqual(Array(JOBS).fill('media'));
  return generated.map(
    ({ evidence }) =>
      evidence?.events.flatMap(({ type, payload }) => (type === 'job' ? [payload] : [])) ?? [],
  );
}

describe('jobs of a process that was killed', () => {
  it('are picked up by the next one, which submits nothing', async () => {
    const run = join(folder, 'known');
    await killWithJobs(run);
    expect(await resume(run)).toEqual(Array(JOBS).fill(['picked_up']));
    expect(submitted).toBe(JOBS);
  });

  it('are submitted anew where the provider no longer knows them, and the evidence says so', async () => {
    const run = join(folder, 'forgotten');
    await killWithJobs(run);
    known.clear();
    expect(await resume(run)).toEqual(Array(JOBS).fill(['picked_up', 'forgotten']));
    expect(submitted).toBe(2 * JOBS);
  });
});
