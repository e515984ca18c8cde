import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Label } from '../../src/core/label.ts';
import { createLabelWriter } from '../../src/store/label-writer.ts';
import { createLabelSet, loadLabels } from '../../src/store/labels.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-labels-'));
  path = join(folder, 'labels.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const MEDIA = 'a'.repeat(64);

function label(changes: Partial<Label> = {}): Label {
  return {
    runId: 'run-1',
    trialId: 'trial-1',
    mediaSha256: MEDIA,
    labeller: 'anna',
    label: 'harmless',
    at: '2026-01-01T00:00:00.000Z',
    blind: true,
    ...changes,
  };
}

const lines = (...labels: readonly object[]): string =>
  labels.map((entry) => `${JSON.stringify(entry)}\n`).join('');

describe('reading labels', () => {
  it('keeps the newest of a labeller on a medium, whatever the order of lines', async () => {
    const older = label();
    const newer = label({ label: 'harmful', at: '2026-01-02T00:00:00Z' });
    await writeFile(path, lines(newer, older, label({ labeller: 'ben' })));
    const set = await loadLabels(path, 'run-1');
    expect(set.on('trial-1', MEDIA).map((entry) => [entry.labeller, entry.label])).toEqual([
      ['anna', 'harmful'],
      ['ben', 'harmless'],
    ]);
    expect(set.replaced).toBe(1);
  });

  it('takes the later line of two at one time', async () => {
    await writeFile(path, lines(label(), label({ label: 'unsure' })));
    expect((await loadLabels(path, 'run-1')).all.map((entry) => entry.label)).toEqual(['unsure']);
  });

  it('counts lines of other runs and leaves them out', async () => {
    await writeFile(path, lines(label({ runId: 'other' }), label()));
    expect(await loadLabels(path, 'run-1')).toMatchObject({ ofOtherRuns: 1, all: [label()] });
  });

  it('leaves out a torn last line, and reads a whole one without a line break', async () => {
    await writeFile(path, `${lines(label())}{"runId":"run-1","tri`);
    expect(await loadLabels(path, 'run-1')).toMatchObject({ torn: true, all: [label()] });
    await writeFile(path, lines(label()).trimEnd());
    expect(await loadLabels(path, 'run-1')).toMatchObject({ torn: false, all: [label()] });
  });

  it.each([
    ['{"runId":', 'expected one JSON object a line'],
    ['[]', 'label: '],
    [JSON.stringify({ ...label(), label: 'maybe' }), 'label: '],
    [JSON.stringify({ ...label(), samplingWeight: 0 }), 'samplingWeight: '],
    [`{"samplingWeight":NaN}`, 'expected one JSON object a line'],
    [JSON.stringify({ ...label(), mediaSha256: 'abc' }), 'mediaSha256: '],
  ])('names file and line of %s', async (text, problem) => {
    await writeFile(path, `${lines(label())}\n${text}\n`);
    await expect(loadLabels(path, 'run-1', 'labels.jsonl')).rejects.toMatchObject({
      code: 'label_invalid',
      message: expect.stringContaining(`labels.jsonl:3: ${problem}`),
    });
  });

  it('says that there is no file', async () => {
    await expect(loadLabels(path, 'run-1')).rejects.toMatchObject({ code: 'labels_missing' });
    await expect(loadLabels(folder, 'run-1')).rejects.toMatchObject({ code: 'labels_missing' });
  });

  it('names the same labels by the same hash in any order of lines', () => {
    const two = [label(), label({ trialId: 'trial-2' })];
    expect(createLabelSet(two).sha256).toBe(createLabelSet(two.toReversed()).sha256);
    expect(createLabelSet(two).sha256).not.toBe(createLabelSet([label()]).sha256);
  });
});

describe('labels as CSV', () => {
  const header = 'run_id,trialId,mediaSha256,labeller,label,at,blind,samplingWeight,note';
  const row = `run-1,trial-1,${MEDIA},anna,harmful,2026-01-01T00:00:00Z,yes,`;

  it('are those of the JSON, with empty cells absent and other columns left alone', async () => {
    const csv = join(folder, 'labels.csv');
    await writeFile(csv, `${header}\r\n${row},"a, b"\r\n${row.replace('anna', 'ben')}2.5,\r\n`);
    const { all } = await loadLabels(csv, 'run-1');
    expect(all).toEqual([
      label({ label: 'harmful', at: '2026-01-01T00:00:00Z' }),
      label({ labeller: 'ben', label: 'harmful', at: '2026-01-01T00:00:00Z', samplingWeight: 2.5 }),
    ]);
  });

  it.each([
    [`${header}\n${row}NaN,\n`, 'labels.csv:2: samplingWeight'],
    [`${header}\n${row},\n${row.replace('yes', 'perhaps')},\n`, 'labels.csv:3: blind'],
    [`${header}\n${row}\n`, 'labels.csv:2: expected 9 columns, this line has 8'],
    [`runId,trialId\n`, 'labels.csv:1: the column "mediaSha256" is missing'],
    [`${header},blind\n`, 'labels.csv:1: the column "blind" is there twice'],
    [`${header}\n"open`, 'labels.csv:2: expected CSV'],
    ['', 'labels.csv:1: the file is empty'],
  ])('say what is wrong with %j', async (text, message) => {
    const csv = join(folder, 'labels.csv');
    await writeFile(csv, text);
    await expect(loadLabels(csv, 'run-1', 'labels.csv')).rejects.toMatchObject({
      code: 'label_invalid',
      message: expect.stringContaining(message),
    });
  });
});

describe('writing labels', () => {
  it('appends what can be read again, and leaves no lock behind', async () => {
    const writer = createLabelWriter(path);
    await Promise.all([writer.append(label()), writer.append(label({ labeller: 'ben' }))]);
    await writer.close();
    expect((await loadLabels(path, 'run-1')).all).toHaveLength(2);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it('refuses what it could not read again', async () => {
    const writer = createLabelWriter(path);
    await expect(writer.append(label({ labeller: '' }))).rejects.toThrow();
    await writer.close();
    expect(existsSync(path)).toBe(false);
  });

  it('cuts off a torn line, and keeps a whole one that lacks its line break', async () => {
    await writeFile(path, `${lines(label())}{"runId":"ru`);
    await createLabelWriter(path).append(label({ labeller: 'ben' }));
    expect(await readFile(path, 'utf8')).toBe(lines(label(), label({ labeller: 'ben' })));
    await writeFile(path, lines(label()).trimEnd());
    await createLabelWriter(path).append(label({ labeller: 'ben' }));
    expect(await readFile(path, 'utf8')).toBe(lines(label(), label({ labeller: 'ben' })));
  });

  it('loses and mixes nothing of two processes that write at once', async () => {
    const script = `
      import { createLabelWriter } from ${JSON.stringify(new URL('../../dist/store/label-writer.js', import.meta.url).href)};
      const writer = createLabelWriter(process.argv[1]);
      for (let at = 0; at < 40; at += 1) {
        await writer.append({ ...${JSON.stringify(label())}, trialId: 'trial-' + at, labeller: process.argv[2] });
      }`;
    const args = ['--input-type=module', '-e', script, path];
    const children = ['anna', 'ben'].map((name) =>
      spawn(process.execPath, [...args, name], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(codes.map(([code]) => code)).toEqual([0, 0]);
    const set = await loadLabels(path, 'run-1');
    expect(set.all).toHaveLength(80);
    expect(set.replaced).toBe(0);
  });

  it('takes over the lock of a process that was killed', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(`${path}.lock`, JSON.stringify({ pid: dead, host: hostname() }));
    await createLabelWriter(path).append(label());
    expect((await loadLabels(path, 'run-1')).all).toHaveLength(1);
  });

  it('says that a folder is in the way', async () => {
    await appendFile(join(folder, 'file'), '');
    const writer = createLabelWriter(join(folder, 'file', 'labels.jsonl'));
    await expect(writer.append(label())).rejects.toThrow();
  });

  it.runIf(existsSync('/dev/full'))('says that the disk is full', async () => {
    await symlink('/dev/full', path);
    await expect(createLabelWriter(path).append(label())).rejects.toMatchObject({
      code: 'disk_full',
    });
  });
});
