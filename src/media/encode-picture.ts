import sharp from 'sharp';
import type { RgbImage } from './media.ts';

/** A picture as a service is sent it. */
export interface EncodedPicture {
  readonly bytes: Uint8Array;
  readonly contentType: 'image/jpeg' | 'image/png';
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface EncodingOptions {
  /** Longer sides are made smaller. */
  readonly maxSidePx: number;
  readonly format: 'jpeg' | 'png';
}

/** JPEG quality: services recompress anyway, and above this files grow faster than detail does. */
const QUALITY = 90;

const done = new WeakMap<RgbImage, Map<string, Promise<EncodedPicture>>>();

/**
 * Encodes pixels for sending. Several judges of one picture share one encoding, which lives as long
 * as the pixels do. No metadata is written. Equal pixels give equal bytes.
 */
export function encodePicture(image: RgbImage, options: EncodingOptions): Promise<EncodedPicture> {
  const known = done.get(image) ?? new Map<string, Promise<EncodedPicture>>();
  done.set(image, known);
  const key = `${options.format}/${options.maxSidePx}`;
  const encoding = known.get(key) ?? encode(image, options);
  known.set(key, encoding);
  return encoding;
}

async function encode(image: RgbImage, options: EncodingOptions): Promise<EncodedPicture> {
  const { widthPx: width, heightPx: height } = image;
  const scale = Math.min(1, options.maxSidePx / Math.max(width, height));
  const raw = sharp(image.rgb, { raw: { width, height, channels: 3 } });
  const sized =
    scale === 1
      ? raw
      : raw.resize(
          Math.max(1, Math.round(width * scale)),
          Math.max(1, Math.round(height * scale)),
          {
            fit: 'fill',
          },
        );
  const encoded = options.format === 'png' ? sized.png() : sized.jpeg({ quality: QUALITY });
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true });
  return {
    bytes: data,
    contentType: options.format === 'png' ? 'image/png' : 'image/jpeg',
    widthPx: info.width,
    heightPx: info.height,
  };
}
