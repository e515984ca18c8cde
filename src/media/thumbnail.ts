import sharp from 'sharp';
import { averageAreas } from './area-average.ts';
import type { RgbImage } from './media.ts';

/** More blocks than this would let shapes be told. */
export const THUMBNAIL_MAX_BLOCKS = 12;

/** Distance of the levels that a channel is rounded to: six levels, 216 colours. */
const LEVEL_STEP = 51;

/**
 * A thumbnail that cannot be undone: each block is the average of all its pixels, rounded to one
 * of six levels a channel, so that a whole thumbnail holds at most 12 × 12 × 8 bits. One pixel is
 * one block: show it enlarged, with `image-rendering: pixelated`.
 *
 * @param options.blocks on the longer side, 1 to {@link THUMBNAIL_MAX_BLOCKS}, which is the default
 * @returns the bytes of a PNG; equal pixels give equal bytes
 * @throws RangeError where more blocks are asked for.
 */
export async function pixelatedThumbnail(
  image: RgbImage,
  options: { readonly blocks?: number } = {},
): Promise<Uint8Array> {
  const blocks = options.blocks ?? THUMBNAIL_MAX_BLOCKS;
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > THUMBNAIL_MAX_BLOCKS) {
    throw new RangeError(`a thumbnail has 1 to ${THUMBNAIL_MAX_BLOCKS} blocks`);
  }
  const scale = blocks / Math.max(image.widthPx, image.heightPx);
  const width = Math.max(1, Math.min(image.widthPx, Math.round(image.widthPx * scale)));
  const height = Math.max(1, Math.min(image.heightPx, Math.round(image.heightPx * scale)));
  const pixels = new Uint8Array(width * height * 3);
  for (let channel = 0; channel < 3; channel++) {
    const { values } = averageAreas(channelOf(image, channel), width, height);
    values.forEach((value, block) => {
      pixels[block * 3 + channel] = Math.round(value / LEVEL_STEP) * LEVEL_STEP;
    });
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}

function channelOf(
  image: RgbImage,
  channel: number,
): { widthPx: number; heightPx: number; values: Float32Array } {
  const { widthPx, heightPx, rgb } = image;
  const values = new Float32Array(widthPx * heightPx);
  for (let pixel = 0; pixel < values.length; pixel++) values[pixel] = rgb[pixel * 3 + channel] ?? 0;
  return { widthPx, heightPx, values };
}
