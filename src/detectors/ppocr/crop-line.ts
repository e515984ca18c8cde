import type { RgbImage } from '../../media/media.ts';
import { type Rib, ribAt } from '../ocr/arc-strip.ts';
import { distance, type Quad } from './text-line.ts';

/** A crop this many times taller than wide is taken to be a line that runs up or down. */
const UPRIGHT_FROM = 1.5;

export interface LineCrop {
  readonly image: RgbImage;
  /** Whether it was turned by 90° against the clock. */
  readonly upright: boolean;
}

/** Cuts a quad out of a picture and straightens it, by cubic interpolation. */
export function cropLine(image: RgbImage, quad: Quad): LineCrop {
  const [a, b, c, d] = quad;
  const widthPx = Math.max(1, Math.floor(Math.max(distance(a, b), distance(c, d))));
  const heightPx = Math.max(1, Math.floor(Math.max(distance(a, d), distance(b, c))));
  const project = createProjection(quad);
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [sourceX, sourceY] = project(x / widthPx, y / heightPx);
      sampleCubic(image, sourceX, sourceY, rgb, (y * widthPx + x) * 3);
    }
  }
  const crop = { widthPx, heightPx, rgb };
  const upright = heightPx / widthPx >= UPRIGHT_FROM;
  return { image: upright ? turnLeft(crop) : crop, upright };
}

/** Unrolls a strip along its ribs, by cubic interpolation. */
export function cropStrip(image: RgbImage, ribs: readonly Rib[]): LineCrop {
  const middles = ribs.map(([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }));
  const length = middles.reduce(
    (sum, point, index) => sum + distance(point, middles[index - 1] ?? point),
    0,
  );
  const [first, last] = ribAt(ribs, 0.5);
  const widthPx = Math.max(1, Math.round(length));
  const heightPx = Math.max(1, Math.round(distance(first, last)));
  const rgb = new Uint8Array(widthPx * heightPx * 3);
  for (let x = 0; x < widthPx; x++) {
    const [top, bottom] = ribAt(ribs, (x + 0.5) / widthPx);
    for (let y = 0; y < heightPx; y++) {
      const share = (y + 0.5) / heightPx;
      const sourceX = top.x + (bottom.x - top.x) * share;
      const sourceY = top.y + (bottom.y - top.y) * share;
      sampleCubic(image, sourceX, sourceY, rgb, (y * widthPx + x) * 3);
    }
  }
  return { image: { widthPx, heightPx, rgb }, upright: false };
}

/** Maps the unit square onto a quad, in perspective. */
function createProjection([a, b, c, d]: Quad): (u: number, v: number) => [number, number] {
  const [sumX, sumY] = [a.x - b.x + c.x - d.x, a.y - b.y + c.y - d.y];
  const [dx1, dy1, dx2, dy2] = [b.x - c.x, b.y - c.y, d.x - c.x, d.y - c.y];
  const determinant = dx1 * dy2 - dx2 * dy1;
  const g = determinant === 0 ? 0 : (sumX * dy2 - dx2 * sumY) / determinant;
  const h = determinant === 0 ? 0 : (dx1 * sumY - sumX * dy1) / determinant;
  return (u, v) => {
    const depth = g * u + h * v + 1;
    return [
      ((b.x - a.x + g * b.x) * u + (d.x - a.x + h * d.x) * v + a.x) / depth,
      ((b.y - a.y + g * b.y) * u + (d.y - a.y + h * d.y) * v + a.y) / depth,
    ];
  };
}

/** Keys' kernel with the sharpness that OpenCV uses. */
const SHARPNESS = -0.75;

function cubicWeights(share: number): [number, number, number, number] {
  const near = (t: number): number => ((SHARPNESS + 2) * t - (SHARPNESS + 3)) * t * t + 1;
  const far = (t: number): number => ((t - 5) * t + 8) * t * SHARPNESS - 4 * SHARPNESS;
  return [far(share + 1), near(share), near(1 - share), far(2 - share)];
}

function sampleCubic(
  { widthPx, heightPx, rgb }: RgbImage,
  x: number,
  y: number,
  out: Uint8Array,
  at: number,
): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const across = cubicWeights(x - left);
  const down = cubicWeights(y - top);
  let [red, green, blue] = [0, 0, 0];
  for (let row = 0; row < 4; row++) {
    const sourceY = Math.min(heightPx - 1, Math.max(0, top + row - 1));
    for (let column = 0; column < 4; column++) {
      const sourceX = Math.min(widthPx - 1, Math.max(0, left + column - 1));
      const weight = (across[column] ?? 0) * (down[row] ?? 0);
      const from = (sourceY * widthPx + sourceX) * 3;
      red += weight * (rgb[from] ?? 0);
      green += weight * (rgb[from + 1] ?? 0);
      blue += weight * (rgb[from + 2] ?? 0);
    }
  }
  out[at] = clampLevel(red);
  out[at + 1] = clampLevel(green);
  out[at + 2] = clampLevel(blue);
}

function clampLevel(level: number): number {
  return Math.min(255, Math.max(0, Math.round(level)));
}

/** By 90° against the clock. */
function turnLeft({ widthPx, heightPx, rgb }: RgbImage): RgbImage {
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const from = (y * widthPx + x) * 3;
      out.set(rgb.subarray(from, from + 3), ((widthPx - 1 - x) * heightPx + y) * 3);
    }
  }
  return { widthPx: heightPx, heightPx: widthPx, rgb: out };
}

/** By 180°. */
export function turnOver({ widthPx, heightPx, rgb }: RgbImage): RgbImage {
  const out = new Uint8Array(rgb.length);
  for (let from = 0; from < rgb.length; from += 3) {
    out.set(rgb.subarray(from, from + 3), rgb.length - 3 - from);
  }
  return { widthPx, heightPx, rgb: out };
}
