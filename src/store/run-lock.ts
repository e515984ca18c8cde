import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { lockOwner, lockOwnerText } from './lock-owner.ts';
import { toStorageError } from './storage-error.ts';

const LOCK_FILE = 'run.lock';

/** Held by the one process that writes a run's folder. */
export interface RunLock {
  release(): Promise<void>;
}

/**
 * Takes a run's folder. A lock whose process died on this host is taken over, so that a killed run
 * can be resumed at once.
 *
 * @throws SafelightError `run_locked` where another process is writing there.
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, LOCK_FILE);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, lockOwnerText(), { flag: 'wx' });
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) {
        // A full disk takes the name and not the words: such a lock is nobody's.
        await rm(path, { force: true }).catch(() => undefined);
        throw toStorageError(error, 'the run folder');
      }
    }
    if (await isHeld(path)) {
      throw new SafelightError('another run is writing into this folder', {
        code: 'run_locked',
        kind: 'usage',
        hint: `Wait for it, choose another folder with --out, or delete ${LOCK_FILE} there if no run is going on.`,
      });
    }
    await rm(path, { force: true });
  }
  throw new SafelightError('the run folder could not be locked', {
    code: 'run_locked',
    kind: 'environment',
    hint: 'Another process keeps taking it. Choose another folder with --out.',
  });
}

async function isHeld(path: string): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return false;
  }
  const owner = lockOwner(text);
  // A process killed while it wrote the lock leaves it nameless.
  return owner === 'alive' || owner === 'foreign';
}
