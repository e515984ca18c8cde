import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inProcess } from './in-process.ts';
import { makeTestFolder } from './test-folder.ts';

const folder = await makeTestFolder();

it('tells what services and judges will cost at most, a cascade among them', async () => {
  await writeFile(
    join(folder, 'p.yaml'),
    `name: p
suites: [smoke]
endpoints:
  - { id: open, use: sandbox, persona: open }
  - { id: two, use: sandbox, persona: strict, limits: { maxTrials: 10 } }
detectors:
  - nsfwjs
  - { use: openai-moderation, sendMedia: true, priceUsd: 0.002, when: { from: 0.3, to: 0.7 } }
  - { use: vlm-judge, id: by-rubric, sendMedia: true, baseUrl: "http://127.0.0.1:9/v1", model: m }
`,
  );
  const { exitCode, stdout, stderr } = await inProcess(['plan', 'p.yaml', '--json'], folder);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const { detectors } = JSON.parse(stdout);
  expect(detectors).toMatchObject([
    { detector: 'openai-moderation', cascade: true, mediaAtMost: 70, costFrom: 'declared price' },
    { detector: 'by-rubric', cascade: false, mediaAtMost: 70, costUsdAtMost: null },
  ]);
  expect(detectors[0].costUsdAtMost).toBeCloseTo(0.14, 12);
  const plain = await inProcess(['plan', 'p.yaml'], folder);
  expect(plain.stdout).toContain(
    'openai-moderation is asked about at most 70 media: at most $0.14 (declared price, one request a medium); how many are in doubt is not known yet.',
  );
  expect(plain.stdout).toContain('by-rubric is asked about at most 70 media: cost unknown');
});
