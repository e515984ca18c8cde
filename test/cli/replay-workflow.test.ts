import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ProviderServer, startProviderServer } from '../endpoints/provider-server.ts';
import { inProcess } from './in-process.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();
let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProviderServer('image');
});
afterAll(() => provider.stop());

it('replays a ComfyUI run wherever it starts, though its workflow is gone', async () => {
  const files = { '9': { images: [{ filename: '0.png', subfolder: '', type: 'output' }] } };
  provider.play([
    { json: { prompt_id: 'job-1' } },
    { json: { 'job-1': { outputs: files, status: { status_str: 'success' } } } },
  ]);
  await mkdir(join(folder, 'mine', 'graphs'), { recursive: true });
  await mkdir(join(folder, 'elsewhere'));
  const workflow = join(folder, 'mine', 'graphs', 'flux.json');
  await writeFile(
    workflow,
    JSON.stringify({ '6': { class_type: 'Text', inputs: { text: '{prompt}' } } }),
  );
  await writeFile(
    join(folder, 'mine', 'p.yaml'),
    `name: p
suites: [controls]
sample: { families: 1, seed: 1 }
endpoints:
  - { id: mine, use: comfyui, baseUrl: "${provider.url}", workflow: graphs/flux.json, pollIntervalMs: 1 }
detectors: [pixel-screen]
`,
  );
  const run = await inProcess(['run', 'mine/p.yaml', '--out', 'run', '--json'], folder);
  expect(run.stderr).toBe('');
  await rm(workflow);
  const replay = await inProcess(
    ['endpoints', 'replay', '../run', '--json'],
    join(folder, 'elsewhere'),
  );
  expect(replay).toMatchObject({ exitCode: 0, stderr: '' });
  const result = JSON.parse(replay.stdout);
  expect(result.replayed).toBeGreaterThan(0);
  expect(result).toMatchObject({ skipped: 0, changed: [] });
});
