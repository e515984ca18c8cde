import type { RgbImage } from '../../media/media.ts';
import type { ClassifierInput } from './classifier-declaration.ts';
import { cropCentre, padToSquare, resample } from './resample.ts';

/** Shape of one sample, the batch of one included. */
export function sampleShape(input: ClassifierInput): readonly number[] {
  return input.layout === 'NHWC'
    ? [1, input.heightPx, input.widthPx, 3]
    : [1, 3, input.heightPx, input.widthPx];
}

/**
 * Resizes a picture and scales its values to what the model was trained on. Pure.
 *
 * @throws RangeError where the picture has not the pixels that its size says.
 */
export function preprocess(image: RgbImage, input: ClassifierInput): Float32Array {
  return input.resize === 'stretch-align-corners'
    ? stretchAlignCorners(image, input)
    : normalise(cropToInput(resizeForInput(image, input), input), input);
}

/** The first half, before a crop: to 8-bit pixels, as the reference implementations do. */
export function resizeForInput(image: RgbImage, input: ClassifierInput): RgbImage {
  checkPixels(image);
  const { widthPx, heightPx, filter } = input;
  switch (input.resize) {
    case 'stretch':
    case 'stretch-align-corners':
      return input.resizePx === undefined
        ? resample(image, widthPx, heightPx, filter)
        : resample(image, input.resizePx, input.resizePx, filter);
    case 'pad-square':
      return resample(padToSquare(image), widthPx, heightPx, filter);
    case 'short-side-crop': {
      const short = input.resizePx ?? Math.min(widthPx, heightPx);
      const isWide = image.widthPx >= image.heightPx;
      // Rounded down, as torchvision does.
      const long = isWide
        ? Math.floor((short * image.widthPx) / image.heightPx)
        : Math.floor((short * image.heightPx) / image.widthPx);
      return resample(image, isWide ? long : short, isWide ? short : long, filter);
    }
  }
}

/** The centre of a picture that is larger than the input. */
export function cropToInput(image: RgbImage, { widthPx, heightPx }: ClassifierInput): RgbImage {
  return cropCentre(image, widthPx, heightPx);
}

/** 8-bit pixels of the input's size → the input's values. */
export function normalise(image: RgbImage, input: ClassifierInput): Float32Array {
  const { scales, offsets } = scaling(input);
  const pixels = input.widthPx * input.heightPx;
  const values = new Float32Array(pixels * 3);
  const [pixelStep, channelStep] = input.layout === 'NHWC' ? [3, 1] : [1, pixels];
  for (let channel = 0; channel < 3; channel += 1) {
    const source = sourceChannel(input, channel);
    const scale = scales[channel] ?? 1;
    const offset = offsets[channel] ?? 0;
    let target = channel * channelStep;
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      values[target] = (image.rgb[pixel * 3 + source] ?? 0) * scale + offset;
      target += pixelStep;
    }
  }
  return values;
}

function sourceChannel({ colours }: ClassifierInput, channel: number): number {
  return colours === 'RGB' ? channel : 2 - channel;
}

function scaling({ scale, mean, deviation }: ClassifierInput): {
  readonly scales: readonly number[];
  readonly offsets: readonly number[];
} {
  return {
    scales: deviation.map((value) => scale / value),
    offsets: mean.map((value, channel) => -value / (deviation[channel] ?? 1)),
  };
}

function checkPixels({ rgb, widthPx, heightPx }: RgbImage): void {
  if (rgb.length === 0 || rgb.length !== widthPx * heightPx * 3) {
    throw new RangeError('the picture has not the pixels that its size says');
  }
}

/** Without rounding to 8 bits in between, as TensorFlow.js does. */
function stretchAlignCorners(image: RgbImage, input: ClassifierInput): Float32Array {
  const { widthPx, heightPx, layout } = input;
  const columns = resamplePositions(image.widthPx, widthPx);
  const rows = resamplePositions(image.heightPx, heightPx);
  const values = new Float32Array(widthPx * heightPx * 3);
  const { scales, offsets } = scaling(input);
  const [pixelStep, channelStep] = layout === 'NHWC' ? [3, 1] : [1, widthPx * heightPx];
  const { rgb } = image;
  checkPixels(image);
  const rowBytes = image.widthPx * 3;

  for (let channel = 0; channel < 3; channel += 1) {
    const source = sourceChannel(input, channel);
    const scale = scales[channel] ?? 1;
    const offset = offsets[channel] ?? 0;
    let target = channel * channelStep;
    for (let y = 0; y < heightPx; y += 1) {
      const upper = (rows.low[y] ?? 0) * rowBytes + source;
      const lower = (rows.high[y] ?? 0) * rowBytes + source;
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
