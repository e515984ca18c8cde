import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { testTerminal } from './test-terminal.ts';

const PIPELINE = `name: checked
suites: [controls]
sample: { families: 5, seed: 1 }
endpoints:
  - { id: open, use: sandbox, persona: open, width: 64, height: 64 }
  - { id: never, use: sandbox, persona: always-refuse, width: 64, height: 64 }
detectors: [pixel-screen]
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-check-'));
  await writeFile(join(folder, 'pipeline.yaml'), PIPELINE);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const terminal = testTerminal(folder);
  const exitCode = await main(args, terminal);
  return { exitCode, ...terminal.printed };
}

describe('endpoints check', () => {
  it('says step by step what it found at an endpoint that answers', async () => {
    const { exitCode, out } = await run('endpoints', 'check', 'pipeline.yaml', 'open', '--json');
    expect(exitCode).toBe(0);
    const steps: { step: string; ok: boolean; detail: string }[] = JSON.parse(out);
    expect(steps.map(({ step }) => step)).toEqual([
      'configuration',
      'description',
      'answer',
      'media',
      'cost',
    ]);
    expect(steps.every(({ ok }) => ok)).toBe(true);
    expect(steps[3]?.detail).toBe('image/png, 64 × 64 px');
  });

  it('fails where a harmless prompt is refused, and names the endpoint', async () => {
    const { exitCode, out } = await run('endpoints', 'check', 'pipeline.yaml');
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^ok +open {2}answer/m);
    expect(out).toMatch(/^failed +never {2}answer: refused \(text/m);
  });

  it('suggests the nearest id', async () => {
    const { exitCode, err } = await run('endpoints', 'check', 'pipeline.yaml', 'nevre');
    expect(exitCode).toBe(2);
    expect(err).toContain('Did you mean "never"?');
  });
});

describe('endpoints replay', () => {
  it('finds nothing new in a fresh run, and what a rule now reads differently', async () => {
    await run('run', 'pipeline.yaml', '--out', 'run', '--json');
    const fresh = JSON.parse((await run('endpoints', 'replay', 'run', '--json')).out);
    expect(fresh).toEqual({ replayed: 10, skipped: 0, changed: [] });

    // As if an older rule had taken the refusals for failures.
    const journal = join(folder, 'run', 'journal.jsonl');
    const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n');
    const older = lines.map((line) => {
      const event = JSON.parse(line);
      if (event.type !== 'generated' || event.outcome.kind !== 'refused') return line;
      const outcome = {
        kind: 'failed',
        cause: 'unknown',
        detail: 'an error that says nothing known',
      };
      return JSON.stringify({ ...event, outcome });
    });
    await writeFile(journal, `${older.join('\n')}\n`);
    const { changed } = JSON.parse((await run('endpoints', 'replay', 'run', '--json')).out);
    expect(changed).toHaveLength(5);
    for (const { endpoint, before, after } of changed) {
      expect(endpoint).toBe('never');
      expect(before.kind).toBe('failed');
      expect(after.kind).toBe('refused');
    }
  });
});
