import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { sha256OfBytes } from '../core/ids.ts';
import { toStorageError } from './storage-error.ts';

/** Media by content hash, shared by the runs of a folder. */
export interface BlobStore {
  /** Writes bytes unless they are there; returns their SHA-256. Never leaves a half-written blob. */
  put(bytes: Uint8Array): Promise<string>;
  /** Where the blob of a hash stands, whether or not it is there. */
  path(sha256: string): string;
  has(sha256: string): Promise<boolean>;
  /**
   * Reads a blob and checks its hash.
   *
   * @returns null where it was purged or never kept.
   * @throws SafelightError `blob_changed` where the bytes do not match their name.
   */
  read(sha256: string): Promise<Uint8Array | null>;
  /** Deletes a blob. Returns whether it was there. */
  delete(sha256: string): Promise<boolean>;
}

export function createBlobStore(folder: string): BlobStore {
  const path = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256);

  async function has(sha256: string): Promise<boolean> {
    try {
      return (await stat(path(sha256))).isFile();
    } catch {
      return false;
    }
  }

  return {
    path,
    has,
    async put(bytes) {
      const sha256 = sha256OfBytes(bytes);
      if (await has(sha256)) return sha256;
      const target = path(sha256);
      const temporary = `${target}.${randomBytes(6).toString('hex')}.part`;
      try {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(temporary, bytes, { flag: 'wx', mode: 0o600 });
        await rename(temporary, target);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw toStorageError(error, 'media');
      }
      return sha256;
    },
    async read(sha256) {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(path(sha256));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw toStorageError(error, 'media');
      }
      if (sha256OfBytes(bytes) !== sha256) {
        throw new SafelightError(`the stored media ${sha256.slice(0, 12)}… was changed`, {
          code: 'blob_changed',
          kind: 'input',
          hint: 'Delete that blob: its numbers stay, and it reads as purged.',
        });
      }
      return bytes;
    },
    async delete(sha256) {
      if (!(await has(sha256))) return false;
      await rm(path(sha256), { force: true });
      return true;
    },
  };
}
