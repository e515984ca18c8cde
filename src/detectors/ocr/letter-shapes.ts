import type { GreyPlane } from './grey-plane.ts';

/** A connected patch that differs from its surroundings, in pixels. */
export interface Shape {
  /** Its number in {@link Shapes.labels}, from 1. */
  readonly label: number;
  /** Darker or lighter than its surroundings. */
  readonly tone: 'dark' | 'light';
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Pixels that belong to it. */
  readonly area: number;
  /** Pixels of it that have a neighbour outside. */
  readonly rim: number;
}

/** Half the side of the window whose mean a pixel is compared with, as a share of the long side. */
const WINDOW_RADIUS_RATE = 0.04;
/** Grey levels by which a stroke must differ from the mean around it, at least. */
const CONTRAST_LEVELS = 18;
/** And by this many times the typical difference of pixels a step apart: noise is no stroke. */
const CONTRAST_OVER_NOISE = 3;
const NOISE_STEP_PX = 3;

/** Median difference of pixels a small step apart, in grey levels. */
function measureNoise(plane: GreyPlane): number {
  const { widthPx, levels } = plane;
  const histogram = new Uint32Array(256);
  let count = 0;
  for (let at = NOISE_STEP_PX; at < levels.length; at += 2) {
    if (at % widthPx < NOISE_STEP_PX) continue;
    const difference = Math.abs((levels[at] ?? 0) - (levels[at - NOISE_STEP_PX] ?? 0));
    histogram[difference] = (histogram[difference] ?? 0) + 1;
    count++;
  }
  let level = 0;
  for (let sum = histogram[0] ?? 0; sum * 2 < count; sum += histogram[level] ?? 0) level++;
  return level;
}

/**
 * Marks what is darker (1) or lighter (2) than its surroundings. Letters are either; gradients and
 * plain grounds are neither.
 */
function markStrokes(plane: GreyPlane): Uint8Array {
  const { widthPx: width, heightPx: height, levels } = plane;
  const contrast = Math.max(CONTRAST_LEVELS, CONTRAST_OVER_NOISE * measureNoise(plane));
  const radius = Math.max(8, Math.round(Math.max(width, height) * WINDOW_RADIUS_RATE));
  const stride = width + 1;
  const sums = new Uint32Array(stride * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += levels[y * width + x] ?? 0;
      sums[(y + 1) * stride + x + 1] = (sums[y * stride + x + 1] ?? 0) + row;
    }
  }
  const marks = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - radius) * stride;
    const bottomRow = Math.min(height, y + radius + 1);
    const bottom = bottomRow * stride;
    const rows = bottomRow - top / stride;
    for (let x = 0; x < width; x++) {
      const left = Math.max(0, x - radius);
      const right = Math.min(width, x + radius + 1);
      const sum =
        (sums[bottom + right] ?? 0) -
        (sums[bottom + left] ?? 0) -
        (sums[top + right] ?? 0) +
        (sums[top + left] ?? 0);
      const difference = (levels[y * width + x] ?? 0) - sum / (rows * (right - left));
      if (difference < -contrast) marks[y * width + x] = 1;
      else if (difference > contrast) marks[y * width + x] = 2;
    }
  }
  return marks;
}

export interface Shapes {
  readonly shapes: readonly Shape[];
  /** The shape's label for each pixel, 0 where there is none. */
  readonly labels: Int32Array;
}

/** Finds the connected patches (8 neighbours) of either mark, by a flood fill. */
export function findShapes(plane: GreyPlane): Shapes {
  const { widthPx: width, heightPx: height } = plane;
  const marks = markStrokes(plane);
  const labels = new Int32Array(marks.length);
  const stack = new Int32Array(marks.length);
  const shapes: Shape[] = [];
  for (let start = 0; start < marks.length; start++) {
    const mark = marks[start];
    if (mark === 0 || labels[start] !== 0) continue;
    const label = shapes.length + 1;
    let depth = 0;
    stack[depth++] = start;
    labels[start] = label;
    let [left, right, top, bottom, area, rim] = [width, 0, height, 0, 0, 0];
    while (depth > 0) {
      const at = stack[--depth] ?? 0;
      const x = at % width;
      const y = (at - x) / width;
      area++;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
      let onRim = false;
      for (let ny = y - 1; ny <= y + 1; ny++) {
        if (ny < 0 || ny >= height) continue;
        for (let nx = x - 1; nx <= x + 1; nx++) {
          if (nx < 0 || nx >= width) continue;
          const neighbour = ny * width + nx;
          if (marks[neighbour] !== mark) {
            onRim ||= nx === x || ny === y;
          } else if (labels[neighbour] === 0) {
            labels[neighbour] = label;
            stack[depth++] = neighbour;
          }
        }
      }
      if (onRim) rim++;
    }
    shapes.push({
      label,
      tone: mark === 1 ? 'dark' : 'light',
      left,
      top,
      width: right - left + 1,
      height: bottom - top + 1,
      area,
      rim,
    });
  }
  return { shapes, labels };
}
