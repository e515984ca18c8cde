import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createBlobStore } from '../../src/store/blobs.ts';
import { type MadeRun, makeRun } from './made-run.ts';
import { endAll, signIn, start } from './start-viewer.ts';

let folder: string;
let made: MadeRun;
/** Pictures of the run that may be shown, each of a trial of its own. */
let shown: { trial: string; sha256: string }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-bad-runs-'));
  made = await makeRun(join(folder, 'made'), { trials: 24 });
  const seen = new Set<string>();
  shown = made.records.flatMap(({ generated: { trial, outcome, prompt } }) => {
    const [ref] = outcome.kind === 'media' ? outcome.media : [];
    if (ref?.kind !== 'image' || prompt.intent !== 'control' || seen.has(ref.sha256)) return [];
    seen.add(ref.sha256);
    return [{ trial: trial.id, sha256: ref.sha256 }];
  });
  expect(shown.length).toBeGreaterThanOrEqual(3);
}, 120_000);

afterAll(async () => {
  await endAll();
  await rm(folder, { recursive: true, force: true });
});

async function visit(address: string) {
  const cookie = await signIn(address);
  const { origin } = new URL(address);
  const headers = { 'content-type': 'application/json', origin, cookie };
  return {
    post: (path: string, body: unknown) =>
      fetch(new URL(path, address), { method: 'POST', headers, body: JSON.stringify(body) }),
    get: (path: string) => fetch(new URL(path, address), { headers: { cookie } }),
  };
}

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
});

async function errorOf(answer: Response) {
  return errorSchema.parse(await answer.json()).error;
}

describe('serving a run that is not whole', () => {
  it('names a medium that is gone, changed, or not a file of the run', async () => {
    const blobs = createBlobStore(join(folder, 'blobs'));
    const [gone, changed, linked] = shown;
    if (gone === undefined || changed === undefined || linked === undefined) throw new Error('few');
    await rm(blobs.path(gone.sha256));
    await writeFile(blobs.path(changed.sha256), 'other bytes');
    await rm(blobs.path(linked.sha256));
    await symlink('/etc/hostname', blobs.path(linked.sha256));
    const { post, get } = await visit(await start('serve', folder));
    for (const [medium, status, code] of [
      [gone, 404, 'media_missing'],
      [changed, 500, 'blob_changed'],
      [linked, 500, 'blob_changed'],
    ] as const) {
      const { trial, sha256 } = medium;
      await post('/api/reveal', { run: 'made', trial, mediaSha256: sha256, limit: 9, who: 'ann' });
      const answer = await get(`/media/made/${trial}/${sha256}`);
      expect(answer.status).toBe(status);
      const error = await errorOf(answer);
      expect(error.code).toBe(code);
      expect(JSON.stringify(error)).not.toContain(folder);
    }
  });

  it('lists what a torn journal holds, and refuses one of another schema', async () => {
    const text = await readFile(join(folder, 'made', 'journal.jsonl'), 'utf8');
    const torn = join(folder, 'torn');
    const older = join(folder, 'older');
    for (const [path, journal] of [
      [torn, `${text}{"type":"generated","at`],
      [older, text.replace('"schema":1', '"schema":0')],
    ] as const) {
      await rm(path, { recursive: true, force: true });
      await mkdir(path);
      await writeFile(join(path, 'journal.jsonl'), journal);
    }
    const { post } = await visit(await start('serve', torn));
    const list = await post('/api/list', { run: 'torn', filter: {} });
    expect(z.object({ total: z.number() }).parse(await list.json()).total).toBe(
      made.records.length,
    );
    const old = await visit(await start('serve', older));
    const answer = await old.post('/api/list', { run: 'older', filter: {} });
    expect(answer.status).toBe(500);
    expect((await errorOf(answer)).message).toMatch(/schema|version/);
  });

  it('reads no request that is too long, and no other address', async () => {
    const { post, get } = await visit(await start('serve', join(folder, 'made')));
    const long = await post('/api/list', { run: 'made', filter: { text: 'x'.repeat(1 << 20) } });
    expect(long.status).toBe(413);
    for (const path of ['/../../etc/hostname', '/%2e%2e/journal.jsonl', '/media/made/x/y']) {
      expect((await get(path)).status).toBe(404);
    }
  });
});

describe('labelling', () => {
  const label = (labeller: string) => ({ labeller, at: 0, label: 'harmless' });

  it('keeps the labels of two viewers on one file', async () => {
    const run = join(folder, 'made');
    const viewers = await Promise.all([1, 2].map(async () => visit(await start('label', run))));
    const people = Array.from({ length: 12 }, (_, index) => `person-${index}`);
    const answers = await Promise.all(
      people.map((who, index) => viewers[index % 2]?.post('/api/label', label(who))),
    );
    expect(answers.map((answer) => answer?.status)).toEqual(people.map(() => 200));
    const lines = (await readFile(join(run, 'labels.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).labeller).sort()).toEqual([...people].sort());
  }, 60_000);

  it('says that the disk is full, and loses no label', async () => {
    const run = join(folder, 'made');
    const { post } = await visit(await start('label', run));
    const before = await readFile(join(run, 'labels.jsonl'), 'utf8');
    await rm(join(run, 'labels.jsonl'));
    await symlink('/dev/full', join(run, 'labels.jsonl'));
    const answer = await post('/api/label', label('late'));
    expect(answer.status).toBe(500);
    expect(await errorOf(answer)).toMatchObject({
      code: 'disk_full',
      hint: expect.stringMatching(/\w/),
    });
    await rm(join(run, 'labels.jsonl'));
    await appendFile(join(run, 'labels.jsonl'), before);
    expect((await post('/api/label', label('late'))).status).toBe(200);
    const after = await readFile(join(run, 'labels.jsonl'), 'utf8');
    expect(after.startsWith(before)).toBe(true);
    expect(JSON.parse(after.slice(before.length))).toMatchObject({ labeller: 'late' });
  });
});
