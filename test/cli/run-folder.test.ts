import { spawnSync } from 'node:child_process';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { drawScene, toSharp } from '../media/made-media.ts';
import { expectClearError, expectNothingLeaks } from './clear-error.ts';
import { inProcess } from './in-process.ts';
import { type Ended, isUsableBy, safelight, startSafelight } from './safelight.ts';
import { comparableSummary, journalEvents, makeTestFolder } from './test-folder.ts';

// Many of these start processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = await makeTestFolder();
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** Faults and refusals included. */
const pipeline = (name: string, latencyMs = 0): string => `name: ${name}
suites: [text-in-picture]
sample: { families: 12, seed: 4 }
endpoints:
  - { id: steady, use: sandbox, persona: balanced, width: 64, height: 64, latencyMs: ${latencyMs} }
detectors: [pixel-screen, sandbox-oracle]
`;
const TRIALS = 24;

beforeAll(async () => {
  await writeFile(join(folder, 'p.yaml'), pipeline('p'));
  await writeFile(join(folder, 'slow.yaml'), pipeline('p', 150));
  const calm = await inProcess(['run', 'p.yaml', '--out', 'runs/calm'], folder);
  expect(calm.exitCode).toBe(0);
});

/** The summary of a run that nothing disturbed; waiting changes nothing in it. */
const undisturbed = () => comparableSummary(join(folder, 'runs', 'calm'));

async function waitForTrials(run: string, count: number): Promise<void> {
  for (;;) {
    const done = await journalEvents(run, 'generated').catch(() => []);
    if (done.length >= count) return;
    await sleep(10);
  }
}

describe('a folder that holds a run', () => {
  it('is not written over: a second run is refused, and changes nothing', async () => {
    const journal = join(folder, 'runs', 'calm', 'journal.jsonl');
    const before = await stat(journal);
    for (const args of [
      ['run', 'p.yaml', '--out', 'runs/calm'],
      ['score', 'p.yaml', '--out', 'runs/calm', '--detectors', 'pixel-screen'],
    ]) {
      expectClearError(await inProcess(args, folder), {
        message: 'this folder already holds a run',
        hint: '--force, or choose another folder with --out',
      });
    }
    const after = await stat(journal);
    expect([after.size, after.mtimeMs]).toEqual([before.size, before.mtimeMs]);
  });

  it('is gone on with at once where all is done', async () => {
    const ended = await inProcess(['run', 'p.yaml', '--out', 'runs/calm', '--resume'], folder);
    expect(ended.exitCode).toBe(0);
    expect(await journalEvents(join(folder, 'runs', 'calm'), 'generated')).toHaveLength(TRIALS);
  });

  it('is not gone on with under another plan', async () => {
    const args = ['run', 'p.yaml', '--out', 'runs/calm', '--resume', '--set', 'seeds=2'];
    expectClearError(await inProcess(args, folder), {
      message: 'the plan has changed since this run began',
      hint: '--out or --force',
    });
  });

  it('is begun anew with --force', async () => {
    const args = ['run', 'p.yaml', '--out', 'runs/forced'];
    expect((await inProcess([...args, '--set', 'sample.families=1'], folder)).exitCode).toBe(0);
    const derived = ['comparison.html', 'probe.json', 'probe.html'];
    for (const name of derived) await writeFile(join(folder, 'runs', 'forced', name), 'of before');
    await writeFile(join(folder, 'runs', 'forced', 'notes.txt'), 'a file of the user');
    expect((await inProcess([...args, '--force'], folder)).exitCode).toBe(0);
    const left = await readdir(join(folder, 'runs', 'forced'));
    expect(left).toContain('notes.txt');
    expect(left.filter((name) => derived.includes(name))).toEqual([]);
    expect(await comparableSummary(join(folder, 'runs', 'forced'))).toEqual(await undisturbed());
  });

  it('cannot be made where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    expectClearError(await inProcess(['run', 'p.yaml', '--out', 'file'], folder), {
      message: 'a file is in the way',
      hint: 'another folder with --out',
    });
  });
});

describe('a run that is going on', () => {
  it('keeps its folder: a second one is told to wait, and both lose nothing', async () => {
    const run = join(folder, 'runs', 'twice');
    const args = ['run', join(folder, 'slow.yaml'), '--out', run];
    const first = startSafelight(args);
    await waitForTrials(run, 1);
    for (const more of [[], ['--resume'], ['--force']]) {
      expectClearError(await inProcess([...args, ...more], folder), {
        message: 'another run is writing into this folder',
        hint: 'Wait for it, choose another folder with --out, or delete run.lock',
      });
    }
    expect((await first.ended).exitCode).toBe(0);
    expect(await journalEvents(run, 'generated')).toHaveLength(TRIALS);
    expect(await readdir(run)).not.toContain('run.lock');
  });

  it('stops at Ctrl-C with 130, says how to go on, and goes on with all that it had', async () => {
    const run = join(folder, 'runs', 'interrupted');
    const args = ['run', join(folder, 'slow.yaml'), '--out', run];
    const { child, ended } = startSafelight(args);
    await waitForTrials(run, 3);
    child.kill('SIGINT');
    const interrupted = await ended;
    expectNothingLeaks(interrupted);
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.stderr).toContain('Stopping; what was acknowledged is kept.');
    expect(interrupted.stderr).toContain('Go on with the same command and --resume.');
    const kept = await journalEvents(run, 'generated');
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(kept.length).toBeLessThan(TRIALS);

    const resumed = await inProcess([...args, '--resume'], folder);
    expect(resumed.exitCode).toBe(0);
    const all = await journalEvents(run, 'generated');
    expect(all).toHaveLength(TRIALS);
    expect(all.slice(0, kept.length)).toEqual(kept);
    expect(await comparableSummary(run)).toEqual(await undisturbed());
  });
});

/** A file system of its own, so small that it is soon full. */
const canMount =
  isRoot &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', '/mnt']).status === 0 &&
  spawnSync('umount', ['/mnt']).status === 0;

describe('scoring that is interrupted', () => {
  const pictures = join(folder, 'pictures');
  const args = ['score', pictures, '--detectors', 'nsfwjs', 'pixel-screen', '--out'];
  beforeAll(async () => {
    await mkdir(pictures);
    for (let seed = 1; seed <= 24; seed += 1) {
      await toSharp(drawScene(32, 32, seed))
        .png()
        .toFile(join(pictures, `${seed}.png`));
    }
  });

  it('ends with 130, and goes on with all that it had', async () => {
    const calm = join(folder, 'runs', 'scored');
    expect((await inProcess([...args, calm], folder)).exitCode).toBe(0);

    const run = join(folder, 'runs', 'cut-off');
    const { child, ended } = startSafelight([...args, run]);
    await waitForTrials(run, 2);
    child.kill('SIGINT');
    const interrupted = await ended;
    expectNothingLeaks(interrupted);
    expect(interrupted.exitCode).toBe(130);
    expect(interrupted.stderr).toContain('Go on with the same command and --resume.');
    const kept = await journalEvents(run, 'detected');

    expect((await inProcess([...args, run, '--resume'], folder)).exitCode).toBe(0);
    expect((await journalEvents(run, 'detected')).slice(0, kept.length)).toEqual(kept);
    expect(await journalEvents(run, 'detected')).toHaveLength(24);
    expect(await comparableSummary(run)).toEqual(await comparableSummary(calm));

    // What stands there already is looked at again: stopped, and gone on with, likewise.
    const again = ['detect', run, '--frames', '8', '--detectors', 'nsfwjs', 'pixel-screen'];
    const detecting = startSafelight(again);
    while ((await journalEvents(run, 'detected')).length < 26) await sleep(10);
    detecting.child.kill('SIGINT');
    const stopped = await detecting.ended;
    expectNothingLeaks(stopped);
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stderr).toContain('Go on with the same command.');
    expect((await journalEvents(run, 'detected')).length).toBeLessThan(48);
    expect((await inProcess(again, folder)).exitCode).toBe(0);
    expect(await journalEvents(run, 'detected')).toHaveLength(48);
    expect(await comparableSummary(run)).toEqual(await comparableSummary(calm));

    await rm(join(pictures, '1.png'));
    expectClearError(await inProcess([...args, run, '--resume'], folder), {
      message: 'the plan has changed since this run began',
      hint: '--out or --force',
    });
  });
});

describe.skipIf(!isUsableBy(NOBODY))('a folder without write permission', () => {
  /** A folder that everybody may enter. */
  async function makeHome(): Promise<string> {
    const home = await mkdtemp(join(folder, 'home-'));
    for (const path of [folder, home]) await chmod(path, 0o755);
    return home;
  }

  it.each([
    ['the run folder', '0555', ['--out', 'closed/run']],
    ['a folder that is there', '0755', ['--out', 'closed']],
  ])('%s: says so and what to do, as an ordinary user', async (_what, mode, out) => {
    const home = await makeHome();
    await writeFile(join(home, 'p.yaml'), pipeline('p'));
    await mkdir(join(home, 'closed'));
    await chmod(join(home, 'closed'), Number.parseInt(mode, 8));
    const options = { cwd: home, uid: NOBODY };
    expectClearError(await safelight(['run', 'p.yaml', ...out], options), {
      message: 'cannot be written: permission denied',
      hint: 'another folder with --out',
    });
    const doctor = await safelight(['doctor'], options);
    expectNothingLeaks(doctor);
    expect(doctor.exitCode).toBe(1);
    expect(doctor.stdout).toMatch(/^failed +reports folder/m);
    expect(await readdir(join(home, 'closed'))).toEqual([]);
  });

  it('media beside the run, and a run that another user wrote', async () => {
    const home = await makeHome();
    await writeFile(join(home, 'p.yaml'), pipeline('p'));
    const runs = join(home, 'runs');
    await mkdir(join(runs, 'mine'), { recursive: true });
    await chown(join(runs, 'mine'), NOBODY, NOBODY);
    const options = { cwd: home, uid: NOBODY };
    expectClearError(
      onlyErrors(await safelight(['run', 'p.yaml', '--out', 'runs/mine'], options)),
      { message: 'media cannot be written: permission denied', hint: 'permissions of this one' },
    );
    expect((await inProcess(['run', 'p.yaml', '--out', 'runs/theirs'], home)).exitCode).toBe(0);
    for (const command of ['report', 'judge', 'purge']) {
      expectClearError(await safelight([command, 'runs/theirs'], options), {
        message: 'cannot be written: permission denied',
        hint: 'permissions of this one',
      });
    }
  });

  it('files that the user may not read', async () => {
    const home = await makeHome();
    await writeFile(join(home, 'secret.yaml'), pipeline('p'), { mode: 0o600 });
    await writeFile(join(home, 'p.yaml'), pipeline('p').replace('text-in-picture', './s.jsonl'));
    await writeFile(join(home, 's.jsonl'), '{}', { mode: 0o600 });
    await writeFile(join(home, 'm.csv'), 'path\n', { mode: 0o600 });
    await mkdir(join(home, 'pictures', 'private'), { recursive: true, mode: 0o755 });
    await chmod(join(home, 'pictures', 'private'), 0o700);
    const options = { cwd: home, uid: NOBODY };
    for (const [args, message] of [
      [['run', 'secret.yaml'], 'cannot read the pipeline secret.yaml'],
      [['run', 'p.yaml'], 's.jsonl: the file cannot be read (EACCES)'],
      [['score', 'pictures'], 'the folder pictures cannot be searched (EACCES)'],
      [['score', 'm.csv'], 'm.csv: the file cannot be read (EACCES)'],
    ] as const) {
      expectClearError(await safelight(args, options), { message, hint: /\w/ });
    }
  });
});

/** Progress comes before the error. */
function onlyErrors({ stderr, ...rest }: Ended): Ended {
  return { ...rest, stderr: stderr.slice(Math.max(0, stderr.indexOf('error: '))) };
}

describe.skipIf(!canMount)('a disk that is full', () => {
  const disk = join(folder, 'disk');
  const filler = join(disk, 'filler');
  beforeAll(async () => {
    await mkdir(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status).toBe(0);
    return () => spawnSync('umount', [disk]);
  });

  /** Leaves this much room. */
  async function fill(freeBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(disk);
    await writeFile(filler, Buffer.alloc(bavail * bsize - freeBytes));
  }

  // Too little for the lock, for all but a few trials, for all of them, and for the report alone.
  it.each([0, 20_000, 100_000, 250_000])(
    'with %i bytes left says so, and --resume finishes once there is room',
    async (freeBytes) => {
      const run = join(disk, 'runs', String(freeBytes));
      const args = ['run', 'p.yaml', '--out', run];
      await fill(freeBytes);
      expectClearError(onlyErrors(await inProcess(args, folder)), {
        message: 'the disk is full: ',
        hint: 'Free some space, then run the same command with --resume',
      });
      const kept = await journalEvents(run, 'generated').catch(() => []);
      await rm(filler);
      expect((await inProcess([...args, '--resume'], folder)).exitCode).toBe(0);
      expect((await journalEvents(run, 'generated')).slice(0, kept.length)).toEqual(kept);
      expect(await comparableSummary(run)).toEqual(await undisturbed());
      expect((await readdir(run)).sort()).toEqual(await readdir(join(folder, 'runs', 'calm')));
      await rm(join(disk, 'runs'), { recursive: true });
    },
  );
});
