import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256OfBytes } from '../../src/core/ids.ts';
import { createBlobStore } from '../../src/store/blobs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-blobs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = new TextEncoder().encode('not really a picture');

describe('blob store', () => {
  it('keeps equal bytes once, under their hash, and leaves no part behind', async () => {
    const store = createBlobStore(folder);
    const hashes = await Promise.all([1, 2, 3, 4].map(() => store.put(bytes)));
    expect(new Set(hashes)).toEqual(new Set([sha256OfBytes(bytes)]));
    const [hash = ''] = hashes;
    expect(await readdir(join(folder, hash.slice(0, 2)))).toEqual([hash]);
    expect(await store.read(hash)).toEqual(Buffer.from(bytes));
  });

  it('tells a purged blob from a changed one', async () => {
    const store = createBlobStore(folder);
    const hash = await store.put(bytes);
    await writeFile(store.path(hash), 'something else');
    await expect(store.read(hash)).rejects.toMatchObject({ code: 'blob_changed' });
    expect(await store.delete(hash)).toBe(true);
    expect(await store.read(hash)).toBeNull();
    expect(await store.delete(hash)).toBe(false);
  });
});
