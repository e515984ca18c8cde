import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { DRAWN_TRUTH_KEY, type DrawnTruth } from '../../../core/drawn-truth.ts';

/** Renders SVG to PNG, with the truth in an iTXt chunk. */
export async function encodePicture(svg: string, truth: DrawnTruth): Promise<Uint8Array> {
  const png = await sharp(Buffer.from(svg))
    .flatten({ background: '#000000' })
    .png({ compressionLevel: 6, adaptiveFiltering: false })
    .toBuffer();
  return withTruth(png, truth);
}

/** Signature, and the IHDR chunk that must come first: 8 + 4 + 4 + 13 + 4 bytes. */
const AFTER_HEADER = 33;

function withTruth(png: Uint8Array, truth: DrawnTruth): Uint8Array {
  // Keyword, end of keyword, not compressed, no language, no translated keyword, text.
  const body = Buffer.concat([
    Buffer.from(DRAWN_TRUTH_KEY, 'latin1'),
    Buffer.from([0, 0, 0, 0, 0]),
    Buffer.from(JSON.stringify(truth), 'utf8'),
  ]);
  const typed = Buffer.concat([Buffer.from('iTXt', 'latin1'), body]);
  const chunk = Buffer.alloc(typed.length + 8);
  chunk.writeUInt32BE(body.length, 0);
  typed.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(typed), typed.length + 4);
  return Buffer.concat([png.subarray(0, AFTER_HEADER), chunk, png.subarray(AFTER_HEADER)]);
}
