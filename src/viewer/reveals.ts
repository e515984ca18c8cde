import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { toStorageError } from '../store/storage-error.ts';

/** One line of `reveals.jsonl`: somebody asked to see a medium. */
export interface Reveal {
  /** The name that the person gave, or `unnamed`. */
  readonly who: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly runId: string;
  readonly trialId: string;
  readonly mediaSha256: string;
  /** Whether endpoint and scores were out of sight. */
  readonly blind: boolean;
}

/** A link that stands where the record should is not followed. */
const APPEND = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW;

/**
 * Records a reveal before anything is shown.
 *
 * @throws SafelightError `disk_full`, `not_writable`: then nothing is shown.
 */
export async function recordReveal(path: string, reveal: Reveal): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, APPEND, 0o600);
    await file.appendFile(`${JSON.stringify(reveal)}\n`);
    await file.datasync();
  } catch (error) {
    throw toStorageError(error, 'the record of reveals');
  } finally {
    await file?.close();
  }
}
