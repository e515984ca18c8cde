import type { RgbImage } from '../../media/media.ts';

export type ResampleFilter = 'bilinear' | 'bicubic';

/**
 * Resizes as Pillow does (and with it the processors of most published models): separable, its
 * filter widened by the factor by which a picture shrinks, in fixed point with 8 bits between the
 * horizontal and the vertical pass.
 */
export function resample(
  image: RgbImage,
  widthPx: number,
  heightPx: number,
  filter: ResampleFilter,
): RgbImage {
  const wide = image.widthPx === widthPx ? image : resampleRows(image, widthPx, filter);
  return wide.heightPx === heightPx ? wide : resampleColumns(wide, heightPx, filter);
}

/** Fixed point, as in Pillow: 8 bits of value and 2 of overshoot leave 22 of 32. */
const PRECISION_BITS = 22;

interface Taps {
  /** First source pixel by target pixel. */
  readonly first: Int32Array;
  readonly counts: Int32Array;
  /** `perPixel` of them for each target pixel. */
  readonly weights: Int32Array;
  readonly perPixel: number;
}

const SUPPORT = { bilinear: 1, bicubic: 2 } as const satisfies Record<ResampleFilter, number>;

function weightAt(filter: ResampleFilter, distance: number): number {
  const x = Math.abs(distance);
  switch (filter) {
    case 'bilinear':
      return x < 1 ? 1 - x : 0;
    case 'bicubic':
      // Keys' cubic with a = −0.5.
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  }
}

function tapsFor(sourcePx: number, targetPx: number, filter: ResampleFilter): Taps {
  const step = sourcePx / targetPx;
  const widening = Math.max(1, step);
  const support = SUPPORT[filter] * widening;
  const perPixel = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(targetPx);
  const counts = new Int32Array(targetPx);
  const weights = new Int32Array(targetPx * perPixel);
  const exact = new Float64Array(perPixel);
  for (let target = 0; target < targetPx; target += 1) {
    const centre = (target + 0.5) * step;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const to = Math.min(sourcePx, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let tap = 0; tap < to - from; tap += 1) {
      exact[tap] = weightAt(filter, (tap + from - centre + 0.5) * (1 / widening));
      sum += exact[tap] ?? 0;
    }
    for (let tap = 0; tap < to - from; tap += 1) {
      const value = ((exact[tap] ?? 0) / sum) * 2 ** PRECISION_BITS;
      weights[target * perPixel + tap] = Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
    }
    first[target] = from;
    counts[target] = to - from;
  }
  return { first, counts, weights, perPixel };
}

const HALF = 2 ** (PRECISION_BITS - 1);

function clip(sum: number): number {
  return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
}

function resampleRows(image: RgbImage, widthPx: number, filter: ResampleFilter): RgbImage {
  const { first, counts, weights, perPixel } = tapsFor(image.widthPx, widthPx, filter);
  const { heightPx, rgb: source } = image;
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y += 1) {
    const row = y * image.widthPx * 3;
    let at = y * widthPx * 3;
    for (let x = 0; x < widthPx; x += 1) {
      let from = row + (first[x] ?? 0) * 3;
      const start = x * perPixel;
      const end = start + (counts[x] ?? 0);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let tap = start; tap < end; tap += 1) {
        const weight = weights[tap] ?? 0;
        red += (source[from] ?? 0) * weight;
        green += (source[from + 1] ?? 0) * weight;
        blue += (source[from + 2] ?? 0) * weight;
        from += 3;
      }
      rgb[at] = clip(red);
      rgb[at + 1] = clip(green);
      rgb[at + 2] = clip(blue);
      at += 3;
    }
  }
  return { widthPx, heightPx, rgb };
}

function resampleColumns(image: RgbImage, heightPx: number, filter: ResampleFilter): RgbImage {
  const { first, counts, weights, perPixel } = tapsFor(image.heightPx, heightPx, filter);
  const { widthPx, rgb: source } = image;
  const rowLength = widthPx * 3;
  const rgb = new Uint8Array(heightPx * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < heightPx; y += 1) {
    sums.fill(HALF);
    for (let tap = 0; tap < (counts[y] ?? 0); tap += 1) {
      const weight = weights[y * perPixel + tap] ?? 0;
      const from = ((first[y] ?? 0) + tap) * rowLength;
      for (let i = 0; i < rowLength; i += 1) {
        sums[i] = (sums[i] ?? 0) + (source[from + i] ?? 0) * weight;
      }
    }
    const at = y * rowLength;
    for (let i = 0; i < rowLength; i += 1) rgb[at + i] = clip(sums[i] ?? 0);
  }
  return { widthPx, heightPx, rgb };
}

/** Black to the right and below, until it is as wide as high. */
export function padToSquare(image: RgbImage): RgbImage {
  const side = Math.max(image.widthPx, image.heightPx);
  if (image.widthPx === image.heightPx) return image;
  const rgb = new Uint8Array(side * side * 3);
  const rowLength = image.widthPx * 3;
  for (let y = 0; y < image.heightPx; y += 1) {
    rgb.set(image.rgb.subarray(y * rowLength, (y + 1) * rowLength), y * side * 3);
  }
  return { widthPx: side, heightPx: side, rgb };
}

/** The centre, as torchvision takes it: half a pixel goes to the even neighbour. */
export function cropCentre(image: RgbImage, widthPx: number, heightPx: number): RgbImage {
  if (image.widthPx === widthPx && image.heightPx === heightPx) return image;
  if (image.widthPx < widthPx || image.heightPx < heightPx) {
    throw new RangeError('the picture is smaller than what is to be cropped from it');
  }
  const left = roundHalfToEven((image.widthPx - widthPx) / 2);
  const top = roundHalfToEven((image.heightPx - heightPx) / 2);
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y += 1) {
    const from = ((top + y) * image.widthPx + left) * 3;
    rgb.set(image.rgb.subarray(from, from + widthPx * 3), y * widthPx * 3);
  }
  return { widthPx, heightPx, rgb };
}

function roundHalfToEven(value: number): number {
  const low = Math.floor(value);
  if (value - low !== 0.5) return Math.round(value);
  return low % 2 === 0 ? low : low + 1;
}
