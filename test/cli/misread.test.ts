import { writeFile } from 'node:fs/promises';
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

it('stops paying for answers that the pipeline file cannot read, and names the keys that are there', async () => {
  provider.play([{ json: { data: [{ b64: 'x', link: provider.medium(0).url, seed: 1 }] } }]);
  await writeFile(
    join(folder, 'p.yaml'),
    `name: p
suites: [controls]
sample: { families: 6, seed: 1 }
endpoints:
  - id: declared
    use: http
    concurrency: 1
    baseUrl: ${provider.url}
    url: images
    body: { prompt: "{prompt}" }
    media: { url: "$.data[*].url" }
detectors: [pixel-screen]
`,
  );
  const { stdout, stderr } = await inProcess(['run', 'p.yaml', '--out', 'run', '--json'], folder);
  expect(provider.calls).toHaveLength(1);
  const said = `${stdout}${stderr}`;
  expect(said).toMatch(/declared: \d+ trials are missing/);
  expect(said).toContain('nothing to read at $.data[*].url: $.data[*] has b64, link, seed');
});
