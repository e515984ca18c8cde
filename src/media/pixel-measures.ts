import type { PixelMeasures } from '../core/finding.ts';
import { averageAreas, type Plane } from './area-average.ts';
import type { RgbImage } from './media.ts';
import { perceptualHash } from './perceptual-hash.ts';

/** A frame whose brightest pixel is no brighter is near-black: lossy codecs leave no exact zeros. */
export const NEAR_BLACK_LUMA_MAX = 8;

/** A frame in which no channel deviates more is of a single colour. */
export const SINGLE_COLOUR_DEVIATION_MAX = 2;

/** High frequencies are measured at this size, so that a picture's resolution does not matter. */
const SHARPNESS_SIDE_PX = 256;

/** What is measured on one picture. Units as in `PixelMeasures`. */
export interface FrameMeasures {
  readonly lumaMax: number;
  readonly channelDeviationMax: number;
  readonly highFrequencyEnergy: number;
  readonly perceptualHash: string;
}

/** Measures one picture or frame. Pure; about 20 ms for a megapixel. */
export function measureFrame(image: RgbImage): FrameMeasures {
  const { widthPx, heightPx, rgb } = image;
  const count = widthPx * heightPx;
  const values = new Float32Array(count);
  // Sums of bytes and of their squares stay exact far beyond any pixel limit.
  let brightest = 0;
  let [sumR, sumG, sumB, squareR, squareG, squareB] = [0, 0, 0, 0, 0, 0];
  for (let pixel = 0, at = 0; pixel < count; pixel++, at += 3) {
    const r = rgb[at] ?? 0;
    const g = rgb[at + 1] ?? 0;
    const b = rgb[at + 2] ?? 0;
    // BT.601, in thousandths: exact, and 255 for white.
    const luma = 299 * r + 587 * g + 114 * b;
    if (luma > brightest) brightest = luma;
    values[pixel] = luma / 1000;
    sumR += r;
    sumG += g;
    sumB += b;
    squareR += r * r;
    squareG += g * g;
    squareB += b * b;
  }
  const normalised = normalise({ widthPx, heightPx, values });
  return {
    lumaMax: brightest / 1000,
    channelDeviationMax: Math.max(
      deviation(sumR, squareR, count),
      deviation(sumG, squareG, count),
      deviation(sumB, squareB, count),
    ),
    highFrequencyEnergy: laplacianEnergy(normalised),
    perceptualHash: perceptualHash(normalised),
  };
}

/**
 * Puts the frames of a medium together as documented at `PixelMeasures`. Shares of frames rest on
 * {@link NEAR_BLACK_LUMA_MAX} and {@link SINGLE_COLOUR_DEVIATION_MAX}; whether a medium is a
 * refusal is for the policy to decide.
 *
 * @param frames at least one; a picture is one frame
 */
export function combineMeasures(frames: readonly FrameMeasures[]): PixelMeasures {
  const middle = frames[Math.floor((frames.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('no frames to measure');
  const energies = frames.map((frame) => frame.highFrequencyEnergy).sort((a, b) => a - b);
  const half = energies.length / 2;
  const lower = energies[Math.ceil(half) - 1] ?? 0;
  const upper = energies[Math.floor(half)] ?? 0;
  const shareOf = (is: (frame: FrameMeasures) => boolean): number =>
    frames.filter(is).length / frames.length;
  return {
    lumaMax: Math.max(...frames.map((frame) => frame.lumaMax)),
    channelDeviationMax: Math.max(...frames.map((frame) => frame.channelDeviationMax)),
    highFrequencyEnergy: (lower + upper) / 2,
    perceptualHash: middle.perceptualHash,
    nearBlackRate: shareOf((frame) => frame.lumaMax <= NEAR_BLACK_LUMA_MAX),
    singleColourRate: shareOf((frame) => frame.channelDeviationMax <= SINGLE_COLOUR_DEVIATION_MAX),
  };
}

/** Of the whole population, from exact sums. */
function deviation(sum: number, sumOfSquares: number, count: number): number {
  return Math.sqrt(Math.max(0, count * sumOfSquares - sum * sum)) / count;
}

/** To at most {@link SHARPNESS_SIDE_PX} on the longer side. */
function normalise(luma: Plane): Plane {
  const scale = Math.min(1, SHARPNESS_SIDE_PX / Math.max(luma.widthPx, luma.heightPx));
  const width = Math.max(1, Math.round(luma.widthPx * scale));
  const height = Math.max(1, Math.round(luma.heightPx * scale));
  return averageAreas(luma, width, height);
}

/** Mean square of the four-neighbour Laplacian, without the border. */
function laplacianEnergy({ widthPx: width, heightPx: height, values }: Plane): number {
  if (width < 3 || height < 3) return 0;
  let energy = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const edge =
        4 * (values[at] ?? 0) -
        (values[at - 1] ?? 0) -
        (values[at + 1] ?? 0) -
        (values[at - width] ?? 0) -
        (values[at + width] ?? 0);
      energy += edge * edge;
    }
  }
  return energy / ((width - 2) * (height - 2));
}
