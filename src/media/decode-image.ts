import type { Metadata } from 'sharp';
import { isCutOff } from './cut-picture.ts';
import { openWithSharp } from './image-engine.ts';
import type { MediaLimits, MediaProblem, RgbImage } from './media.ts';
import { mediaProblem } from './media-problem.ts';

/**
 * Decodes a still picture to upright RGB8 in sRGB. What is transparent shows white, as on the page
 * of most viewers. 16-bit, greyscale, palette and CMYK pictures are converted.
 *
 * @returns a problem `empty`, `too_large`, `too_many_pixels` (from the header, before a pixel is
 *   allocated), `truncated`, `undecodable` or `timeout`; never throws for bad media.
 */
export async function decodeImage(
  bytes: Uint8Array,
  limits: MediaLimits,
): Promise<RgbImage | MediaProblem> {
  if (bytes.byteLength === 0) return mediaProblem('empty', 'the file has no bytes');
  if (bytes.byteLength > limits.maxBytes) return tooLarge(limits);
  try {
    const metadata = await openWithSharp(bytes).metadata();
    if (metadata.width * metadata.height > limits.maxPixels) return tooManyPixels(metadata, limits);
    return await decodePage(bytes, limits, 0);
  } catch (error) {
    return decodingProblem(error, bytes);
  }
}

/**
 * Decodes one page of a picture that fits the limits.
 *
 * @param longestSidePx larger pages are scaled down to it
 * @throws the decoder's error for a page that cannot be decoded: see {@link decodingProblem}.
 */
export async function decodePage(
  bytes: Uint8Array,
  limits: MediaLimits,
  page: number,
  longestSidePx?: number,
): Promise<RgbImage> {
  const upright = openWithSharp(bytes, { page, limitInputPixels: limits.maxPixels })
    .timeout({ seconds: Math.max(1, Math.ceil(limits.timeoutMs / 1000)) })
    .autoOrient();
  const sized =
    longestSidePx === undefined
      ? upright
      : upright.resize({
          width: longestSidePx,
          height: longestSidePx,
          fit: 'inside',
          withoutEnlargement: true,
        });
  const { data, info } = await sized
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error('the picture has no three colour channels');
  return {
    widthPx: info.width,
    heightPx: info.height,
    rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/**
 * Names why a picture could not be decoded without repeating the decoder's words, which can quote the
 * file.
 */
export function decodingProblem(error: unknown, bytes: Uint8Array): MediaProblem {
  if (error instanceof Error) {
    if (/timeout: \d+% complete/i.test(error.message)) {
      return mediaProblem('timeout', 'decoding the picture took too long');
    }
    if (/exceeds pixel limit/i.test(error.message)) {
      return mediaProblem('too_many_pixels', 'the picture has more pixels than allowed');
    }
  }
  return isCutOff(bytes)
    ? mediaProblem('truncated', 'the picture ends before it is complete')
    : mediaProblem('undecodable', 'the picture cannot be decoded');
}

export function tooLarge(limits: MediaLimits): MediaProblem {
  return mediaProblem('too_large', `the file is larger than ${limits.maxBytes} bytes`);
}

export function tooManyPixels(
  size: Pick<Metadata, 'width' | 'height'>,
  limits: MediaLimits,
): MediaProblem {
  return mediaProblem(
    'too_many_pixels',
    `${size.width} × ${size.height} pixels are more than the ${limits.maxPixels} allowed`,
  );
}
