import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { toStorageError } from '../store/storage-error.ts';

/** Text that waits in memory before it is written. */
const CHUNK_LENGTH = 256 * 1024;

/** @throws SafelightError `output_exists` unless it may be replaced. */
export function requireFree(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new SafelightError(`${basename(path)} exists already`, {
    code: 'output_exists',
    kind: 'usage',
    hint: 'Choose another place with --out, or replace it with --force.',
  });
}

/** Hands a place beside the target to `write`, then moves it there: what is half written never stands. */
export async function writeAside(
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(temporary);
    await rm(path, { recursive: true, force: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw toStorageError(error, 'the export');
  }
}

/** Writes text as it comes, in bounded memory, as UTF-8. */
export async function writeText(
  path: string,
  parts: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    let waiting = '';
    for await (const part of parts) {
      waiting += part;
      if (waiting.length < CHUNK_LENGTH) continue;
      await file.appendFile(waiting);
      waiting = '';
    }
    await file.appendFile(waiting);
  } finally {
    await file.close();
  }
}
