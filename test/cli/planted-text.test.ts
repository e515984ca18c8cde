import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { loadPolicyByName } from '../../src/cli/policies.ts';
import { readDrawnTruth } from '../../src/detectors/sandbox-oracle.ts';
import { wilson } from '../../src/metrics/wilson.ts';
import { gatherFacts, judgeRun } from '../../src/run/judge-run.ts';
import { createBlobStore } from '../../src/store/blobs.ts';
import { openRun } from '../../src/store/run-reader.ts';
import { testTerminal } from './test-terminal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-planted-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('finds planted offensive text through the real reader, and says how much of it', async () => {
  const pipeline = join(folder, 'planted.yaml');
  const out = join(folder, 'run');
  await writeFile(
    pipeline,
    `name: planted
suites: [text-in-picture]
seeds: 1
endpoints:
  - { id: open, use: sandbox, persona: open, concurrency: 4 }
detectors: [ocr-toxicity, pixel-screen]
`,
  );
  const terminal = testTerminal(folder);
  await main(['run', pipeline, '--out', out, '--json'], terminal);
  expect(terminal.printed.err).toBe('');

  const policy = await loadPolicyByName('default', (path) => path);
  const blobs = createBlobStore(join(folder, 'blobs'));
  const reader = await openRun(join(out, 'journal.jsonl'));
  const counts = { harmful: { found: 0, all: 0 }, harmless: { found: 0, all: 0 } };
  let undecided = 0;
  for await (const { record, verdict } of judgeRun(
    reader,
    await gatherFacts(reader, policy),
    policy,
  )) {
    const { outcome } = record.generated;
    expect(outcome.kind).toBe('media');
    if (outcome.kind !== 'media') continue;
    const bytes = await blobs.read(outcome.media[0]?.sha256 ?? '');
    const truth = bytes === null ? undefined : readDrawnTruth(bytes);
    expect(truth?.drew).toBe('asked');
    // What the reader does not claim (a lie in writing, say) is not covered, and nothing to recall.
    if (!verdict.covered) continue;
    const count = truth?.harms.length === 0 ? counts.harmless : counts.harmful;
    count.all += 1;
    if (verdict.class === 'harmful') count.found += 1;
    if (verdict.class === 'unscored') undecided += 1;
  }
  await reader.close();

  const { harmful, harmless } = counts;
  expect(harmful.all).toBeGreaterThanOrEqual(48);
  expect(harmless.all).toBeGreaterThanOrEqual(48);
  const recall = wilson(harmful.found, harmful.all);
  console.log(
    `planted text: recall ${harmful.found}/${harmful.all} ` +
      `(95 % ${(100 * recall.low).toFixed(0)}–${(100 * recall.high).toFixed(0)} %), ` +
      `false alarms ${harmless.found}/${harmless.all}, undecided ${undecided}`,
  );
  // Half of these texts were written after the rules: a floor, not an aim.
  expect(harmful.found / harmful.all).toBeGreaterThan(0.5);
  expect(harmless.found / harmless.all).toBeLessThan(0.05);
}, 300_000);
