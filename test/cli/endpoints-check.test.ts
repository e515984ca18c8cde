import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

describe('endpoints check of an id alone', () => {
  it('finds it in the own pipeline, then in the only one of the folder that declares it', async () => {
    await mkdir(join(folder, 'by-id', 'pipelines'), { recursive: true });
    const write = (file: string, text: string) => writeFile(join(folder, 'by-id', file), text);
    await write('safelight.yaml', PIPELINE);
    await write('pipelines/a.yaml', PIPELINE.replaceAll('open', 'other'));
    await write('pipelines/b.yaml', PIPELINE.replace('id: open', 'id: third'));
    await write('pipelines/broken.yaml', 'name: [');
    const check = async (id: string) => {
      const terminal = testTerminal(join(folder, 'by-id'));
      const exitCode = await main(['endpoints', 'check', id], terminal);
      return { exitCode, ...terminal.printed };
    };
    expect((await check('open')).exitCode).toBe(0);
    expect((await check('third')).out).toMatch(/^ok +third {2}answer/m);

    await rm(join(folder, 'by-id', 'safelight.yaml'));
    const twice = await check('never');
    expect(twice.exitCode).toBe(2);
    expect(twice.err).toContain('several pipelines declare an endpoint "never"');
    expect(twice.err).toContain('pipelines/a.yaml, pipelines/b.yaml');

    const nowhere = await check('thrid');
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.err).toContain('safelight.yaml (is not there)');
    expect(nowhere.err).toContain('pipelines/a.yaml (other, never)');
    expect(nowhere.err).toContain('pipelines/broken.yaml (is no valid pipeline)');
    expect(nowhere.err).toContain('Did you mean "third"?');
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
