import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { BodyTooLarge } from './read-text.ts';

const DECODERS: Readonly<
  Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Raised for a body that was compressed in a way we did not offer and cannot undo. */
export class UnknownEncoding extends Error {
  constructor() {
    super('the body is compressed in an unknown way');
    this.name = 'UnknownEncoding';
  }
}

/**
 * Reads a body to its end, compressed or not.
 *
 * @param encoding the `content-encoding`: proxies compress although it was declined.
 * @throws BodyTooLarge, also where it grows by decompression; UnknownEncoding; whatever the
 *   connection or the decompression throws.
 */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  encoding = 'identity',
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, size);
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity' || size === 0) return bytes;
  const decode = DECODERS[name];
  if (decode === undefined) throw new UnknownEncoding();
  try {
    return await decode(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw tooLarge ? new BodyTooLarge(maxBytes) : error;
  }
}
