import { type FileHandle, open } from 'node:fs/promises';
import { type Label, labelSchema } from '../core/label.ts';
import { withFileLock } from './file-lock.ts';
import { toStorageError } from './storage-error.ts';

/** Appends labels to a file that other processes may append to at the same time. */
export interface LabelWriter {
  /**
   * Appends one label. Once the promise resolves it is on the disk. In the order of the calls.
   *
   * @throws SafelightError `disk_full` or `not_writable`: what was there before is whole.
   */
  append(label: Label): Promise<void>;
  /** Waits for what was asked for. */
  close(): Promise<void>;
}

const WHAT = 'the label file';

/** A label file that is not there is made with the first label. */
export function createLabelWriter(path: string): LabelWriter {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async append(label) {
      // Checked before it waits: what is written can always be read again.
      const line = `${JSON.stringify(labelSchema.parse(label))}\n`;
      const done = last.then(() => withFileLock(path, WHAT, () => appendLine(path, line)));
      last = done.catch(() => undefined);
      await done;
    },
    async close() {
      await last;
    },
  };
}

async function appendLine(path: string, line: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'a+', 0o600);
    const { size } = await file.stat();
    const whole = await mendEnd(file, size);
    try {
      await file.appendFile(`${whole.missingBreak ? '\n' : ''}${line}`);
      await file.datasync();
    } catch (error) {
      // Half a line behind the others would be one that nobody can read.
      await file.truncate(whole.sizeBytes).catch(() => undefined);
      throw error;
    }
  } catch (error) {
    throw toStorageError(error, WHAT);
  } finally {
    await file?.close();
  }
}

/** Cuts off what a killed writer left; a whole label without its line break stays. */
async function mendEnd(
  file: FileHandle,
  size: number,
): Promise<{ sizeBytes: number; missingBreak: boolean }> {
  if (size === 0) return { sizeBytes: 0, missingBreak: false };
  const tail = Buffer.alloc(Math.min(size, 64 * 1024));
  await file.read(tail, 0, tail.length, size - tail.length);
  const end = tail.lastIndexOf(0x0a) + 1;
  if (end === tail.length) return { sizeBytes: size, missingBreak: false };
  const text = tail.toString('utf8', end);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (labelSchema.safeParse(value).success) return { sizeBytes: size, missingBreak: true };
  const sizeBytes = size - tail.length + end;
  await file.truncate(sizeBytes);
  return { sizeBytes, missingBreak: false };
}
