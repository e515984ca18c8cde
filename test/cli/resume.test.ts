import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRun } from '../../src/store/run-reader.ts';
import { safelight, startSafelight } from './safelight.ts';

/** Faults included: a resumed run must meet the same ones. */
const PIPELINE = `
name: resumed
suites: [text-in-picture]
sample: { families: 30, seed: 1 }
endpoints:
  - { id: steady, use: sandbox, persona: balanced, width: 64, height: 64, concurrency: 3 }
  - { id: shaky, use: sandbox, persona: flaky, width: 64, height: 64, concurrency: 3 }
detectors: [pixel-screen, sandbox-oracle]
`;
const KILLS = 30;

let folder: string;
let pipeline: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-resume-'));
  pipeline = join(folder, 'pipeline.yaml');
  await writeFile(pipeline, PIPELINE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A summary less what may differ: times and ids. */
async function comparable(run: string): Promise<string> {
  const summary = JSON.parse(await readFile(join(run, 'summary.json'), 'utf8'));
  for (const key of ['id', 'startedAt', 'finishedAt']) delete summary.run[key];
  for (const endpoint of summary.endpoints) delete endpoint.latencyMs;
  return JSON.stringify(summary);
}

async function journalSize(run: string): Promise<number> {
  try {
    return (await stat(join(run, 'journal.jsonl'))).size;
  } catch {
    return 0;
  }
}

describe('run --resume after kill -9', () => {
  it(`gives the summary of an undisturbed run after ${KILLS} kills at random moments`, async () => {
    const calm = join(folder, 'calm');
    const reference = await safelight(['run', pipeline, '--out', calm, '--json']);
    expect(reference.stderr).toBe('');
    const wanted = await comparable(calm);
    const wholeSize = await journalSize(calm);

    const random = xoroshiro128plus(20_261_123);
    const draw = (low: number, high: number): number => uniformInt(random, low, high);
    let kills = 0;
    let rounds = 0;
    while (kills < KILLS) {
      rounds += 1;
      const run = join(folder, `killed-${rounds}`);
      for (;;) {
        const { child, ended } = startSafelight([
          'run',
          pipeline,
          '--out',
          run,
          '--resume',
          '--json',
        ]);
        let over = false;
        void ended.then(() => {
          over = true;
        });
        if (kills < KILLS) {
          // Somewhere in what is left of the journal, or during start-up, and a little later.
          const size = await journalSize(run);
          const goal = draw(0, 3) === 0 ? 0 : size + draw(1, Math.ceil(wholeSize / 4));
          while (!over && (await journalSize(run)) < goal) await sleep(2);
          await sleep(draw(0, goal === 0 ? 900 : 15));
          if (!over && child.kill('SIGKILL')) kills += 1;
        }
        const { exitCode, stderr } = await ended;
        if (exitCode === null) continue;
        expect(stderr).toBe('');
        expect(exitCode).toBe(reference.exitCode);
        break;
      }
      expect(await comparable(run)).toBe(wanted);
    }
    expect(kills).toBe(KILLS);
  }, 600_000);

  it('asks nothing twice that was acknowledged', async () => {
    const reader = await openRun(join(folder, 'killed-1', 'journal.jsonl'));
    const text = await readFile(join(folder, 'killed-1', 'journal.jsonl'), 'utf8');
    const generated = text.split('\n').filter((line) => line.startsWith('{"type":"generated"'));
    expect(generated.length).toBe(reader.trialCount);
    await reader.close();
  });

  it('refuses to go on with another plan', async () => {
    const other = join(folder, 'other.yaml');
    await writeFile(other, PIPELINE.replace('text-in-picture', 'controls'));
    const { exitCode, stderr } = await safelight([
      'run',
      other,
      '--out',
      join(folder, 'calm'),
      '--resume',
    ]);
    expect(stderr).toContain('changed since this run began');
    expect(exitCode).toBe(2);
  });
});
