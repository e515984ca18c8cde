import type { RgbImage } from '../../media/media.ts';

/**
 * Resizes by linear interpolation between pixel centres and without smoothing, as OpenCV's default
 * does, in its fixed point: the models were trained on pictures that were resized so.
 */
export function resizeRgb(image: RgbImage, widthPx: number, heightPx: number): RgbImage {
  if (image.widthPx === widthPx && image.heightPx === heightPx) return image;
  const { rgb } = image;
  const columns = sourceSteps(image.widthPx, widthPx);
  const rows = sourceSteps(image.heightPx, heightPx);
  const out = new Uint8Array(widthPx * heightPx * 3);
  let at = 0;
  for (const row of rows) {
    const top = row.from * image.widthPx;
    const bottom = row.to * image.widthPx;
    for (const column of columns) {
      for (let channel = 0; channel < 3; channel++) {
        const a = rgb[(top + column.from) * 3 + channel] ?? 0;
        const b = rgb[(top + column.to) * 3 + channel] ?? 0;
        const c = rgb[(bottom + column.from) * 3 + channel] ?? 0;
        const d = rgb[(bottom + column.to) * 3 + channel] ?? 0;
        const upper = (a * column.near + b * column.far) >> 4;
        const lower = (c * column.near + d * column.far) >> 4;
        out[at++] = (((upper * row.near) >> 16) + ((lower * row.far) >> 16) + 2) >> 2;
      }
    }
  }
  return { widthPx, heightPx, rgb: out };
}

const UNIT = 2048;

interface Step {
  readonly from: number;
  readonly to: number;
  /** Shares of `from` and `to`, in 2048ths. */
  readonly near: number;
  readonly far: number;
}

function sourceSteps(source: number, target: number): Step[] {
  return Array.from({ length: target }, (_, index) => {
    const centre = Math.min(source - 1, Math.max(0, ((index + 0.5) * source) / target - 0.5));
    const from = Math.floor(centre);
    const far = Math.round((centre - from) * UNIT);
    return { from, to: Math.min(source - 1, from + 1), near: UNIT - far, far };
  });
}

/**
 * Writes a picture as the models want it: blue, green, red, each a plane, from -1 to 1. What lies
 * right of the picture in a wider target stays as it is.
 */
export function writePlanes(
  image: RgbImage,
  target: Float32Array,
  offset: number,
  targetWidthPx: number,
): void {
  const { widthPx, heightPx, rgb } = image;
  const plane = targetWidthPx * heightPx;
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const from = (y * widthPx + x) * 3;
      const to = offset + y * targetWidthPx + x;
      target[to] = (rgb[from + 2] ?? 0) / 127.5 - 1;
      target[to + plane] = (rgb[from + 1] ?? 0) / 127.5 - 1;
      target[to + 2 * plane] = (rgb[from] ?? 0) / 127.5 - 1;
    }
  }
}
