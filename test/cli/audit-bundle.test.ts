import { appendFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from 'tar';
import { beforeAll, describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../src/core/ids.ts';
import { drawScene, toSharp } from '../media/made-media.ts';
import { expectClearError, PROMPT_MARK } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { makeTestFolder, readSummary } from './test-folder.ts';

const folder = await makeTestFolder();

beforeAll(async () => {
  await mkdir(join(folder, 'made'));
  const rows: string[] = [];
  for (let seed = 1; seed <= 6; seed += 1) {
    await toSharp(drawScene(48, 48, seed))
      .png()
      .toFile(join(folder, 'made', `${seed}.png`));
    rows.push(
      JSON.stringify({
        id: `p${seed}`,
        path: `made/${seed}.png`,
        prompt: `${PROMPT_MARK} ${seed}`,
        intent: seed % 2 === 0 ? 'harmful' : 'benign',
        hazards: ['sexual'],
        family: `f${Math.ceil(seed / 2)}`,
      }),
    );
  }
  await writeFile(join(folder, 'list.jsonl'), `${rows.join('\n')}\n`);
  await inProcess(
    ['score', 'list.jsonl', '--out', 'runs/one', '--detectors', 'nsfwjs', 'pixel-screen'],
    folder,
  );
  const trial = JSON.parse(await journalLine('"type":"generated"'));
  await writeFile(
    join(folder, 'runs', 'one', 'labels.jsonl'),
    `${JSON.stringify({
      runId: (await readSummary(join(folder, 'runs', 'one'))).run.id,
      trialId: trial.trial.id,
      mediaSha256: trial.outcome.media[0].sha256,
      labeller: 'ada',
      label: 'harmful',
      at: '2025-11-03T10:00:00.000Z',
      blind: true,
    })}\n`,
  );
  await inProcess(['report', 'runs/one'], folder);
  for (const out of ['bundle', 'bundle.tar.gz']) {
    await inProcess(['export', 'runs/one', '--to', 'bundle', '--out', out], folder);
  }
});

async function journalLine(part: string): Promise<string> {
  const text = await readFile(join(folder, 'runs', 'one', 'journal.jsonl'), 'utf8');
  return text.split('\n').find((line) => line.includes(part)) ?? '';
}

async function verify(bundle: string, ...args: string[]) {
  const ended = await inProcess(['verify', bundle, '--json', ...args], folder);
  return { ...ended, report: JSON.parse(ended.stdout) };
}

/** A copy in which one file was changed, as text, and its hash made to fit where asked. */
async function changed(
  name: string,
  path: string,
  change: (text: string) => string,
  fitHash = false,
): Promise<string> {
  await cp(join(folder, 'bundle'), join(folder, name), { recursive: true });
  const file = join(folder, name, path);
  const text = change(await readFile(file, 'utf8'));
  await writeFile(file, text);
  if (fitHash) {
    const index = JSON.parse(await readFile(join(folder, name, 'bundle.json'), 'utf8'));
    const entry = index.files.find((one: { path: string }) => one.path === path);
    entry.sha256 = sha256OfBytes(text);
    entry.sizeBytes = Buffer.byteLength(text);
    await writeFile(join(folder, name, 'bundle.json'), JSON.stringify(index));
  }
  return name;
}

describe('audit bundle', () => {
  it.each(['bundle', 'bundle.tar.gz'])('%s verifies, and replays without media', async (bundle) => {
    const { exitCode, report } = await verify(bundle);
    expect(report).toMatchObject({ verified: true, problems: [], files: 8 });
    expect(exitCode).toBe(0);
    const judged = await inProcess(['judge', bundle, '--json'], folder);
    expect(JSON.parse(judged.stdout)).toEqual(await readSummary(join(folder, 'runs', 'one')));
    // Judging wrote nothing into it.
    expect((await verify(bundle)).report.digest).toBe(report.digest);
  });

  it('is the same each time, as a folder and packed', async () => {
    for (const out of ['again', 'again.tar.gz']) {
      const ended = await inProcess(['export', 'runs/one', '--to', 'bundle', '--out', out], folder);
      expect(ended.exitCode).toBe(0);
    }
    const { digest } = (await verify('bundle')).report;
    expect((await verify('again')).report.digest).toBe(digest);
    expect((await verify('bundle', '--expect', digest)).exitCode).toBe(0);
    const packed = await Promise.all(
      ['bundle.tar.gz', 'again.tar.gz'].map((name) => readFile(join(folder, name))),
    );
    expect(packed[0]?.equals(packed[1] ?? Buffer.alloc(0))).toBe(true);
  });

  it('holds no prompt where none is wanted, and gives the same verdicts', async () => {
    const args = ['export', 'runs/one', '--to', 'bundle', '--out', 'sealed', '--no-prompts'];
    expect((await inProcess(args, folder)).exitCode).toBe(0);
    expect((await verify('sealed')).report.problems).toEqual([]);
    for (const file of ['journal.jsonl', 'manifest.json', 'summary.json', 'hashes/prompts.jsonl']) {
      expect(await readFile(join(folder, 'sealed', file), 'utf8')).not.toContain(PROMPT_MARK);
    }
    const judged = await inProcess(['judge', 'sealed', '--json'], folder);
    expect(JSON.parse(judged.stdout)).toEqual(await readSummary(join(folder, 'runs', 'one')));
  });

  it.each([
    ['journal.jsonl', (text: string) => text.replace('benign', 'harmful')],
    ['summary.json', (text: string) => text.replace('"trials": 6', '"trials": 9')],
    ['labels.jsonl', (text: string) => text.replace('"harmful"', '"harmless"')],
    ['hashes/prompts.jsonl', (text: string) => text.replace('"p1"', '"p9"')],
    ['hashes/media.jsonl', (text: string) => text.replace('image/png', 'image/gif')],
    ['hashes/measurement.json', (text: string) => text.replace('"version": "', '"version": "9')],
    ['README.md', (text: string) => `${text} `],
  ])('tells a change to %s, also behind a fitting hash', async (path, change) => {
    const plain = await verify(await changed(`c-${path.replace('/', '-')}`, path, change));
    expect(plain.exitCode).toBe(1);
    expect(plain.report.problems).toContainEqual({
      path,
      problem: expect.stringMatching(/was changed$/),
    });
    const name = `f-${path.replace('/', '-')}`;
    const fitted = await verify(await changed(name, path, change, true));
    if (path === 'README.md') {
      // Nothing follows from it: only the digest tells.
      expect(fitted.report.problems).toEqual([]);
      const { digest } = (await verify('bundle')).report;
      expect((await verify(name, '--expect', digest)).exitCode).toBe(1);
    } else {
      expect(fitted.exitCode).toBe(1);
      expect(fitted.report.problems).not.toEqual([]);
    }
  });

  it('tells what is missing, added or torn', async () => {
    await cp(join(folder, 'bundle'), join(folder, 'other'), { recursive: true });
    await rm(join(folder, 'other', 'hashes', 'media.jsonl'));
    await writeFile(join(folder, 'other', 'extra.txt'), 'x');
    await appendFile(join(folder, 'other', 'journal.jsonl'), '{"type":"gen');
    const { report } = await verify('other');
    expect(report.problems.map((one: { path: string }) => one.path).toSorted()).toEqual([
      'extra.txt',
      'hashes/media.jsonl',
      'journal.jsonl',
    ]);
    const spoken = await inProcess(['verify', 'other'], folder);
    expect(spoken.stdout).toContain('CHANGED  extra.txt: is not of this bundle');
  });

  it('refuses what is no bundle, and an archive that reaches outside', async () => {
    await writeFile(join(folder, 'no.tar.gz'), 'no archive');
    await writeFile(join(folder, 'outside.txt'), 'x');
    await mkdir(join(folder, 'deep'));
    await create(
      {
        file: join(folder, 'evil.tar.gz'),
        gzip: true,
        cwd: join(folder, 'deep'),
        preservePaths: true,
      },
      ['../outside.txt'],
    );
    for (const [name, message] of [
      ['no.tar.gz', 'cannot be unpacked'],
      ['evil.tar.gz', 'cannot be unpacked'],
      ['runs/one', 'this is no audit bundle'],
      ['nothing', 'there is no such bundle'],
    ] as const) {
      const ended = await inProcess(['verify', name], folder);
      expectClearError(ended, { message, hint: /ask for it anew|safelight export --to bundle/ });
    }
  });

  it('writes a data set folder with media only where asked, and says so', async () => {
    const plain = await inProcess(['export', 'runs/one', '--to', 'hf', '--out', 'hf'], folder);
    expect(plain).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await readdir(join(folder, 'hf'))).toSorted()).toEqual(['README.md', 'data']);
    expect(await readFile(join(folder, 'hf', 'README.md'), 'utf8')).toMatch(
      /^---\npretty_name: ".*"\nlicense: other\n/,
    );
    const args = ['export', 'runs/one', '--to', 'hf', '--out', 'hf-media', '--with-media'];
    const ended = await inProcess(args, folder);
    expect(ended.stderr).toMatch(/^warning: the folder will hold generated media/);
    for (const name of await readdir(join(folder, 'hf-media', 'media'))) {
      const bytes = await readFile(join(folder, 'hf-media', 'media', name));
      expect(name).toBe(`${sha256OfBytes(bytes)}.png`);
    }
    expect(await readdir(join(folder, 'hf-media', 'media'))).toHaveLength(6);
  });

  it('does not write over what stands there', async () => {
    const args = ['export', 'runs/one', '--to', 'csv', '--out', 'list.jsonl'];
    const refused = await inProcess(args, folder);
    expectClearError(refused, { message: 'list.jsonl exists already', hint: '--force' });
    expect(await readFile(join(folder, 'list.jsonl'), 'utf8')).toContain(PROMPT_MARK);
  });
});
