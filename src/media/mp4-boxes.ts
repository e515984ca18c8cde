import { open } from 'node:fs/promises';
import type { MediaSource } from './media-source.ts';

/** Boxes without which frames are missing. Anything else at the end may be trailing rubbish. */
const ESSENTIAL = new Set(['moov', 'mdat', 'moof']);

/** More top-level boxes than half an hour of fragments has. */
const MAX_BOXES = 100_000;

type ReadAt = (offset: number) => Promise<DataView | undefined>;

/**
 * Whether an MP4 or QuickTime file ends inside an essential box: it was cut off, be it by a single
 * byte. ffprobe alone does not tell when only the last packet is short.
 */
export async function endsInsideBox(source: MediaSource): Promise<boolean> {
  if ('bytes' in source) {
    const { buffer, byteOffset, byteLength } = source.bytes;
    return walk(byteLength, async (offset) =>
      offset + 16 <= byteLength ? new DataView(buffer, byteOffset + offset, 16) : undefined,
    );
  }
  const file = await open(source.path);
  try {
    const header = new DataView(new ArrayBuffer(16));
    return await walk((await file.stat()).size, async (offset) => {
      const { bytesRead } = await file.read(header, 0, 16, offset);
      return bytesRead === 16 ? header : undefined;
    });
  } finally {
    await file.close();
  }
}

async function walk(sizeBytes: number, readAt: ReadAt): Promise<boolean> {
  let offset = 0;
  for (let count = 0; count < MAX_BOXES; count++) {
    const header = await readAt(offset);
    if (header === undefined) return false;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((at) => header.getUint8(at)));
    const short = header.getUint32(0);
    // 1: the size follows in 64 bits. 0: to the end of the file, whatever that is.
    const length = short === 1 ? Number(header.getBigUint64(8)) : short;
    if (length < 8) return false;
    offset += length;
    if (offset > sizeBytes) return ESSENTIAL.has(type);
  }
  return false;
}
