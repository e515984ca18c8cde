import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockRun } from '../../src/store/run-lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const writeOwner = (owner: object): Promise<void> =>
  writeFile(join(folder, 'run.lock'), JSON.stringify(owner));

describe('run lock', () => {
  it('is refused while its process lives', async () => {
    await writeOwner({ pid: process.ppid, host: hostname() });
    await expect(lockRun(folder)).rejects.toMatchObject({ code: 'run_locked' });
  });

  it('is refused while a process on another host may live', async () => {
    await writeOwner({ pid: 1, host: 'elsewhere.invalid' });
    await expect(lockRun(folder)).rejects.toMatchObject({ code: 'run_locked' });
  });

  it('is taken over from a process that was killed', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await writeOwner({ pid: dead, host: hostname() });
    await (await lockRun(folder)).release();
    await (await lockRun(folder)).release();
  });

  it('is taken over where the owner was killed while writing it', async () => {
    await writeFile(join(folder, 'run.lock'), '{"pid":');
    await (await lockRun(folder)).release();
  });
});
