import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SafelightError } from '../core/errors.ts';
import { lockOwner, lockOwnerText } from './lock-owner.ts';
import { toStorageError } from './storage-error.ts';

/** Between two looks at a lock that another process holds. */
const WAIT_MS = 15;
/** A write takes milliseconds: whoever waits this long waits for something that hangs. */
const PATIENCE_MS = 20_000;
/** A lock without a readable owner belongs to a process that was killed while it wrote it. */
const NAMELESS_MS = 2_000;

/**
 * Does something while holding `<path>.lock`, waiting for other processes and for other calls of this
 * one. A lock whose process died on this host is taken over.
 *
 * @throws SafelightError `file_locked` after 20 seconds, `not_writable`, `disk_full`.
 */
export async function withFileLock<T>(
  path: string,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const lock = `${path}.lock`;
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await take(lock, what))) {
    if (await isAbandoned(lock)) await clear(lock, what);
    else if (performance.now() > deadline) {
      throw new SafelightError(`another process is writing ${what}`, {
        code: 'file_locked',
        kind: 'environment',
        hint: `Wait for it, or delete the .lock file beside it if nothing is writing there.`,
      });
    } else await sleep(WAIT_MS);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string, what: string): Promise<boolean> {
  try {
    await writeFile(lock, lockOwnerText(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    // A full disk takes the name and not the words.
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
      await rm(lock, { force: true }).catch(() => undefined);
    }
    throw toStorageError(error, what);
  }
}

/**
 * Removes an abandoned lock. Of several processes that saw it one may: it holds a second lock
 * meanwhile and looks again, so that nobody removes the lock that another has just taken.
 */
async function clear(lock: string, what: string): Promise<void> {
  const guard = `${lock}.clear`;
  if (!(await take(guard, what))) {
    if (await isAbandoned(guard)) await rm(guard, { force: true });
    await sleep(WAIT_MS);
    return;
  }
  try {
    if (await isAbandoned(lock)) await rm(lock, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function isAbandoned(lock: string): Promise<boolean> {
  let text: string;
  let ageMs: number;
  try {
    text = await readFile(lock, 'utf8');
    ageMs = Date.now() - (await stat(lock)).mtimeMs;
  } catch {
    // Released meanwhile.
    return false;
  }
  const owner = lockOwner(text);
  return owner === 'dead' || (owner === 'nameless' && ageMs > NAMELESS_MS);
}
