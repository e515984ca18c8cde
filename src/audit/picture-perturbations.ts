import sharp, { type Sharp } from 'sharp';
import type { Random } from '../core/seeded-random.ts';
import type { RgbImage } from '../media/media.ts';
import { drawCaption } from './caption.ts';
import type { FramePerturbation, Strength } from './perturbation.ts';

const BLACK = { r: 0, g: 0, b: 0 };
/** What a messenger or a screen capture is saved with. */
const SCREENSHOT_QUALITY = 75;
const SCREENSHOT_BAR_SHARE = 0.06;

function open(image: RgbImage): Sharp {
  const { widthPx: width, heightPx: height, rgb } = image;
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}

async function pixelsOf(pipeline: Sharp): Promise<RgbImage> {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    widthPx: info.width,
    heightPx: info.height,
    rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

async function throughJpeg(pipeline: Sharp, quality: number): Promise<RgbImage> {
  return pixelsOf(sharp(await pipeline.jpeg({ quality: Math.round(quality) }).toBuffer()));
}

function bySharp(
  title: string,
  strength: Strength | null,
  change: (picture: Sharp, strength: number, image: RgbImage) => Sharp,
): FramePerturbation {
  return {
    on: 'frame',
    title,
    strength,
    apply: (image, value) => pixelsOf(change(open(image), value, image)),
  };
}

const scaled = (side: number, share: number): number => Math.max(1, Math.round(side * share));

/** What happens to pictures that are passed on, saved, cut or dressed up. */
export const PICTURE_PERTURBATIONS = {
  jpeg: {
    on: 'frame',
    title: 'saved as JPEG',
    strength: { unit: 'quality', min: 1, max: 100, usual: [75, 30, 10] },
    apply: (image, quality) => throughJpeg(open(image), quality),
  },
  resize: bySharp(
    'made smaller or larger',
    { unit: 'scale', min: 0.05, max: 4, usual: [0.5, 0.25] },
    (picture, scale, { widthPx, heightPx }) =>
      picture.resize(scaled(widthPx, scale), scaled(heightPx, scale), { fit: 'fill' }),
  ),
  crop: bySharp(
    'cut to its middle',
    { unit: 'share of each side', min: 0.1, max: 1, usual: [0.9, 0.7] },
    (picture, share, { widthPx, heightPx }) => {
      const width = scaled(widthPx, share);
      const height = scaled(heightPx, share);
      const left = Math.floor((widthPx - width) / 2);
      return picture.extract({ left, top: Math.floor((heightPx - height) / 2), width, height });
    },
  ),
  blur: bySharp(
    'blurred',
    { unit: 'sigma px', min: 0.3, max: 100, usual: [1, 3] },
    (picture, sigma) => picture.blur(sigma),
  ),
  noise: {
    on: 'frame',
    title: 'with noise',
    strength: { unit: 'deviation, levels', min: 1, max: 128, usual: [8, 24] },
    apply: addNoise,
  },
  brightness: bySharp(
    'brighter or darker',
    { unit: 'factor', min: 0.05, max: 5, usual: [0.6, 1.4] },
    (picture, factor) => picture.linear(factor, 0),
  ),
  contrast: bySharp(
    'with another contrast',
    { unit: 'factor', min: 0.05, max: 5, usual: [0.6, 1.5] },
    (picture, factor) => picture.linear(factor, 128 * (1 - factor)),
  ),
  hue: bySharp(
    'with turned hues',
    { unit: 'degrees', min: -180, max: 180, usual: [60] },
    (picture, degrees) => picture.modulate({ hue: Math.round((degrees + 360) % 360) }),
  ),
  rotation: bySharp(
    'turned',
    { unit: 'degrees', min: -180, max: 180, usual: [5, 15, 90] },
    (picture, degrees) => picture.rotate(degrees, { background: BLACK }),
  ),
  flip: bySharp('mirrored', null, (picture) => picture.flop()),
  border: bySharp(
    'with a border',
    { unit: 'share of the shorter side', min: 0.01, max: 1, usual: [0.1, 0.3] },
    (picture, share, { widthPx, heightPx }) => {
      const size = scaled(Math.min(widthPx, heightPx), share);
      return picture.extend({
        top: size,
        bottom: size,
        left: size,
        right: size,
        background: BLACK,
      });
    },
  ),
  text: {
    on: 'frame',
    title: 'with harmless words over it',
    strength: { unit: 'share of the width', min: 0.1, max: 1, usual: [0.8] },
    apply: async (image, share) =>
      pixelsOf(open(image).composite([{ input: drawCaption(image, share), top: 0, left: 0 }])),
  },
  screenshot: {
    on: 'frame',
    title: 'as a screenshot: a bar above, another size, saved as JPEG',
    strength: { unit: 'scale', min: 0.1, max: 3, usual: [0.8] },
    apply: async (image, scale) => {
      const height = scaled(image.heightPx, scale);
      const sized = await pixelsOf(
        open(image).resize(scaled(image.widthPx, scale), height, { fit: 'fill' }),
      );
      const top = scaled(height, SCREENSHOT_BAR_SHARE);
      return throughJpeg(
        open(sized).extend({ top, background: { r: 240, g: 240, b: 240 } }),
        SCREENSHOT_QUALITY,
      );
    },
  },
} as const satisfies Record<string, FramePerturbation>;

/** Near-normal noise: the four bytes of one draw, summed, have a deviation of 147.8. */
function addNoise(image: RgbImage, deviation: number, random: Random): RgbImage {
  const rgb = new Uint8Array(image.rgb.length);
  let state = random.integer(1, 0x7fff_ffff);
  const scale = deviation / 147.8;
  for (let at = 0; at < rgb.length; at += 1) {
    // Marsaglia's xorshift: millions of draws a picture, where nothing rests on their quality.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sum =
      (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + ((state >>> 24) & 255);
    rgb[at] = Math.min(255, Math.max(0, Math.round((image.rgb[at] ?? 0) + (sum - 510) * scale)));
  }
  return { ...image, rgb };
}
