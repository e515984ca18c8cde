import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBody, UnknownEncoding } from '../../src/net/read-body.ts';
import { BodyTooLarge } from '../../src/net/read-text.ts';

const TEXT = 'a lamp '.repeat(1_000);

/** Chunks that cut the bytes at awkward places. */
async function* chunks(bytes: Uint8Array, size = 7): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

describe('readBody', () => {
  it.each([
    ['identity', Buffer.from(TEXT)],
    ['gzip', gzipSync(TEXT)],
    ['GZIP', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
  ])('reads %s', async (encoding, bytes) => {
    const body = await readBody(chunks(bytes), 10_000, encoding);
    expect(Buffer.from(body).toString()).toBe(TEXT);
  });

  it('stops at the cap, before and after decompression', async () => {
    await expect(readBody(chunks(Buffer.from(TEXT)), 100)).rejects.toThrow(BodyTooLarge);
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    expect(bomb.byteLength).toBeLessThan(10_000);
    await expect(readBody(chunks(bomb), 10_000, 'gzip')).rejects.toThrow(BodyTooLarge);
  });

  it('does not guess', async () => {
    const bytes = Buffer.from(TEXT);
    await expect(readBody(chunks(bytes), 10_000, 'zstd')).rejects.toThrow(UnknownEncoding);
    await expect(readBody(chunks(bytes), 10_000, 'gzip')).rejects.toThrow();
  });

  it('takes an empty body for one, whatever its encoding', async () => {
    expect((await readBody(chunks(Buffer.alloc(0)), 1, 'zstd')).byteLength).toBe(0);
  });
});
