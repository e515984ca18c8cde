import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/cli/version.ts';
import { drawScene, toSharp } from '../media/made-media.ts';
import { expectClearError, expectNothingLeaks, PROMPT_MARK } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { comparableSummary, journalEvents, makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();
const run = join(folder, 'runs', 'first');
const ROWS = 6;

/** One run over pictures with prompts, that the tests below look at again, in their order. */
beforeAll(async () => {
  await mkdir(join(folder, 'made'));
  const rows: string[] = [];
  for (let seed = 1; seed <= ROWS; seed += 1) {
    await toSharp(drawScene(48, 48, seed))
      .png()
      .toFile(join(folder, 'made', `${seed}.png`));
    rows.push(
      JSON.stringify({
        path: `made/${seed}.png`,
        prompt: `${PROMPT_MARK} ${seed}`,
        intent: seed % 2 === 0 ? 'harmful' : 'benign',
        hazards: ['sexual'],
        family: `f${seed}`,
      }),
    );
  }
  await writeFile(join(folder, 'made.jsonl'), `${rows.join('\n')}\n`);
  for (const name of ['first', 'beside']) {
    const args = ['score', 'made.jsonl', '--out', `runs/${name}`, '--detectors', 'pixel-screen'];
    await inProcess(args, folder);
  }
});

const again = (...args: string[]) => inProcess(args, folder);
const endpoint = async () => (await readSummary(run)).endpoints[0];

async function blobs(): Promise<string[]> {
  const entries = await readdir(join(folder, 'runs', 'blobs'), {
    recursive: true,
    withFileTypes: true,
  });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

describe('detect', () => {
  it('looks at the stored media with other detectors, and generates nothing', async () => {
    expect((await endpoint()).notCovered).toMatchObject([{ hazard: 'sexual' }]);
    const before = await journalEvents(run, 'generated');
    const ended = await again('detect', 'runs/first', '--detectors', 'nsfwjs', 'pixel-screen');
    expectNothingLeaks(ended);
    expect(ended.exitCode).toBe(0);
    expect(await journalEvents(run, 'generated')).toEqual(before);
    expect(await endpoint()).toMatchObject({
      notCovered: [],
      harm: { numerator: 0, denominator: ROWS / 2 },
      verdicts: { harmless: ROWS },
    });
  });

  it('does nothing twice', async () => {
    const before = await journalEvents(run, 'detected');
    await again('detect', 'runs/first', '--detectors', 'nsfwjs', 'pixel-screen');
    expect(await journalEvents(run, 'detected')).toEqual(before);
  });

  it('keeps a stand-in that is told the truth away from media of other origin', async () => {
    expectClearError(await again('detect', 'runs/first', '--detectors', 'sandbox-oracle'), {
      message: '--detectors (sandbox-oracle): loads with sandbox endpoints only',
      hint: 'remove it',
    });
  });
});

describe('judge', () => {
  it('decides anew under another policy, and report keeps to it', async () => {
    const shipped = join(packageRoot(), 'pipelines', 'policies', 'default.yaml');
    const strict = (await readFile(shipped, 'utf8'))
      .replace('id: default', 'id: everything')
      .replace(/sexual: \{.*\}/, 'sexual: { harmful: 0, borderline: 0, harmfulPeak: 0 }');
    await writeFile(join(folder, 'strict.yaml'), strict);
    const ended = await again('judge', 'runs/first', '--policy', 'strict.yaml', '--json');
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(ended.stdout).endpoints).toMatchObject([
      { harm: { numerator: ROWS / 2, denominator: ROWS / 2 }, verdicts: { harmful: ROWS } },
    ]);
    const judged = await readSummary(run);
    await rm(join(run, 'summary.json'));
    await rm(join(run, 'index.html'));
    expect((await again('report', 'runs/first')).exitCode).toBe(0);
    expect(await readSummary(run)).toEqual(judged);
    expect(await readFile(join(run, 'index.html'), 'utf8')).toContain('everything');

    expect((await again('judge', 'runs/first')).exitCode).toBe(0);
    expect(await endpoint()).toMatchObject({ verdicts: { harmless: ROWS } });
  });

  it('says where a policy is wrong, and leaves the run as it was', async () => {
    const before = await readSummary(run);
    await writeFile(join(folder, 'wrong.yaml'), 'id: wrong\nversion: 1\n');
    expectClearError(await again('judge', 'runs/first', '--policy', 'wrong.yaml'), {
      message: 'wrong.yaml:2: version: Invalid input: expected string, received number',
      hint: 'Put it in quotes: "1".',
    });
    expectClearError(await again('judge', 'runs/first', '--policy', 'none.yaml'), {
      message: 'there is no policy at none.yaml',
      hint: 'Name a shipped policy',
    });
    expect(await readSummary(run)).toEqual(before);
  });
});

describe('report', () => {
  it('gives the same bytes each time', async () => {
    await again('report', 'runs/first');
    const page = await readFile(join(run, 'index.html'), 'utf8');
    await again('report', 'runs/first');
    expect(await readFile(join(run, 'index.html'), 'utf8')).toBe(page);
  });

  it('names the line of a journal that something else has changed', async () => {
    const damaged = join(folder, 'runs', 'damaged');
    await mkdir(damaged, { recursive: true });
    const lines = (await readFile(join(run, 'journal.jsonl'), 'utf8')).split('\n');
    lines[4] = lines[4]?.slice(0, -9) ?? '';
    await writeFile(join(damaged, 'journal.jsonl'), lines.join('\n'));
    expectClearError(await again('report', 'runs/damaged'), {
      message: 'journal.jsonl:5: ',
      hint: 'changed by something other than Safelight',
    });
    await rm(damaged, { recursive: true });
  });

  it('names a manifest that something else has changed', async () => {
    const manifest = join(run, 'manifest.json');
    const kept = await readFile(manifest, 'utf8');
    await writeFile(manifest, kept.slice(0, 100));
    expectClearError(await again('report', 'runs/first'), {
      message: 'manifest.json: ',
      hint: 'judge',
    });
    await writeFile(manifest, kept);
  });
});

describe('purge', () => {
  it('tells first what would go, and spares what is shared where asked', async () => {
    const seen = await blobs();
    const dry = await again('purge', 'runs/first', '--dry-run', '--json');
    expect(JSON.parse(dry.stdout)).toMatchObject({ deleted: ROWS, dryRun: true, reports: 0 });
    const spared = await again('purge', 'runs/first', '--keep-shared');
    expect(spared.stdout).toContain(`Deleted 0 media (0.0 MB) of ${ROWS}`);
    expect(spared.stdout).toContain('the run beside beside this one holds them too.');
    const none = await again('purge', 'runs/first', '--verdict', 'borderline', '--json');
    expect(JSON.parse(none.stdout)).toMatchObject({ selected: 0, deleted: 0 });
    const young = await again('purge', 'runs/first', '--older-than', '1d', '--json');
    expect(JSON.parse(young.stdout)).toMatchObject({ selected: 0, deleted: 0 });
    expect(await blobs()).toEqual(seen);
    expect(await journalEvents(run, 'purged')).toEqual([]);
    for (const [args, message] of [
      [['--older-than', 'soon'], '"soon" is no age'],
      [['--verdict', 'bad'], /argument 'bad' is invalid/],
    ] as const) {
      const ended = await again('purge', 'runs/first', ...args);
      expect(ended.exitCode).toBe(2);
      expect(ended.stderr).toMatch(message);
    }
  });

  it('does nothing while a run that holds such media is going on', async () => {
    const lock = join(folder, 'runs', 'beside', 'run.lock');
    await writeFile(lock, JSON.stringify({ pid: process.ppid, host: hostname() }));
    const ended = await again('purge', 'runs/first');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('another run is writing');
    expect(await blobs()).toHaveLength(ROWS);
    await rm(lock);
  });

  it('deletes the media, and keeps hashes and numbers, in the runs beside it too', async () => {
    const beside = join(folder, 'runs', 'beside');
    const before = [await comparableSummary(run), await comparableSummary(beside)];
    expect(await blobs()).toHaveLength(ROWS);
    const thumbnail = 'data:image/png;base64,';
    const pages = [join(run, 'index.html'), join(beside, 'index.html')];
    for (const page of pages) expect(await readFile(page, 'utf8')).toContain(thumbnail);

    // What other commands made from the runs can show what is gone.
    await mkdir(join(run, '.viewer'));
    const derived = [join(run, '.viewer', 'index.duckdb'), join(beside, 'comparison.html')];
    for (const path of derived) await writeFile(path, thumbnail);

    const ended = await again('purge', 'runs/first', '--json');
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    for (const path of derived) expect(existsSync(path)).toBe(false);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      selected: ROWS,
      deleted: ROWS,
      kept: 0,
      shared: [{ run: 'beside', media: ROWS }],
      reports: 2,
    });
    expect(await blobs()).toEqual([]);
    expect([await comparableSummary(run), await comparableSummary(beside)]).toEqual(before);
    for (const page of pages) expect(await readFile(page, 'utf8')).not.toContain(thumbnail);
    const [purged] = await journalEvents(run, 'purged');
    expect(purged.mediaSha256).toHaveLength(ROWS);
  });

  it('done again, it finishes what a killed one left: reports that still show pictures', async () => {
    const page = join(folder, 'runs', 'beside', 'index.html');
    await writeFile(page, 'data:image/png;base64,');
    const ended = await again('purge', 'runs/first');
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('Deleted 0 media');
    expect(ended.stdout).toContain(`${ROWS} were gone already`);
    expect(await readFile(page, 'utf8')).not.toContain('data:image/png;base64,');
    expect(await journalEvents(run, 'purged')).toHaveLength(1);
  });

  it('leaves findings as they are for a detection that comes too late', async () => {
    const before = await comparableSummary(run);
    const ended = await again('detect', 'runs/first', '--detectors', 'pixel-screen', '--json');
    expectNothingLeaks(ended);
    expect(ended.stderr).toContain(`${ROWS} trials keep their earlier findings`);
    expect(await comparableSummary(run)).toEqual(before);
  });
});
