import type { RgbImage } from '../../media/media.ts';
import type { ClassifierInput } from './classifier-declaration.ts';

/** Shape of one sample, without the batch. */
export function sampleShape(input: ClassifierInput): readonly number[] {
  return input.layout === 'NHWC'
    ? [input.heightPx, input.widthPx, 3]
    : [3, input.heightPx, input.widthPx];
}

/**
 * Resizes a picture and scales its values to what the model was trained on. Pure.
 *
 * @throws RangeError where the picture has not the pixels that its size says.
 */
export function preprocess(image: RgbImage, input: ClassifierInput): Float32Array {
  const { widthPx, heightPx, layout } = input;
  const columns = resamplePositions(image.widthPx, widthPx);
  const rows = resamplePositions(image.heightPx, heightPx);
  const values = new Float32Array(widthPx * heightPx * 3);
  const scales = input.deviation.map((deviation) => 1 / (255 * deviation));
  const offsets = input.mean.map((mean, channel) => -mean / (input.deviation[channel] ?? 1));
  const [pixelStep, channelStep] = layout === 'NHWC' ? [3, 1] : [1, widthPx * heightPx];
  const { rgb } = image;
  if (rgb.length === 0 || rgb.length !== image.widthPx * image.heightPx * 3) {
    throw new RangeError('the picture has not the pixels that its size says');
  }
  const rowBytes = image.widthPx * 3;

  for (let channel = 0; channel < 3; channel += 1) {
    const scale = scales[channel] ?? 1;
    const offset = offsets[channel] ?? 0;
    let target = channel * channelStep;
    for (let y = 0; y < heightPx; y += 1) {
      const upper = (rows.low[y] ?? 0) * rowBytes + channel;
      const lower = (rows.high[y] ?? 0) * rowBytes + channel;
      const down = rows.weight[y] ?? 0;
      for (let x = 0; x < widthPx; x += 1) {
        const left = (columns.low[x] ?? 0) * 3;
        const right = (columns.high[x] ?? 0) * 3;
        const along = columns.weight[x] ?? 0;
        const upperLeft = rgb[upper + left] ?? 0;
        const lowerLeft = rgb[lower + left] ?? 0;
        const top = upperLeft + ((rgb[upper + right] ?? 0) - upperLeft) * along;
        const bottom = lowerLeft + ((rgb[lower + right] ?? 0) - lowerLeft) * along;
        values[target] = (top + (bottom - top) * down) * scale + offset;
        target += pixelStep;
      }
    }
  }
  return values;
}

interface ResamplePositions {
  /** For each target pixel the two source pixels that it lies between. */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** Of the high one, 0–1. */
  readonly weight: Float64Array;
}

/** Spreads target pixels so that the first and the last lie on the first and the last source pixel. */
function resamplePositions(sourcePx: number, targetPx: number): ResamplePositions {
  const step = targetPx > 1 ? (sourcePx - 1) / (targetPx - 1) : sourcePx / targetPx;
  const low = new Uint32Array(targetPx);
  const high = new Uint32Array(targetPx);
  const weight = new Float64Array(targetPx);
  for (let index = 0; index < targetPx; index += 1) {
    const position = step * index;
    low[index] = Math.min(sourcePx - 1, Math.floor(position));
    high[index] = Math.min(sourcePx - 1, Math.ceil(position));
    weight[index] = position - (low[index] ?? 0);
  }
  return { low, high, weight };
}
