import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseJson } from './read-text.ts';

/** JSON values in files of a folder, by hash. */
export interface FileCache {
  /** Undefined where nothing that can be read is there. */
  read(hash: string): Promise<unknown>;
  write(hash: string, value: unknown): Promise<void>;
}

/** Several processes may share a folder: a file that is there is whole. */
export function createFileCache(folder: string): FileCache {
  const pathOf = (hash: string): string => join(folder, hash.slice(0, 2), `${hash}.json`);
  return {
    async read(hash) {
      const text = await readFile(pathOf(hash), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : parseJson(text);
    },
    async write(hash, value) {
      const path = pathOf(hash);
      await mkdir(dirname(path), { recursive: true });
      const draft = `${path}.${randomUUID()}.new`;
      await writeFile(draft, JSON.stringify(value));
      await rename(draft, path);
    },
  };
}
