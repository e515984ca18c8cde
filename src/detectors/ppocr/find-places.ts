import type { Rib } from '../ocr/arc-strip.ts';
import { bendRibs, findBend } from './find-bend.ts';
import { minAreaRectangle, orderCorners } from './min-area-rectangle.ts';
import { distance, type Point, type Quad, type TextPlace } from './text-line.ts';

/** What the detection model says of each pixel, row-major, 0–1. */
export interface ProbabilityMap {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly probabilities: Float32Array;
}

export interface PlaceOptions {
  /** A pixel is text from here. */
  readonly pixelFrom: number;
  /** A place is text where its mean is at least this. */
  readonly placeFrom: number;
  /** The map marks the core of a line: its rim lies area × ratio / perimeter further out. */
  readonly unclipRatio: number;
}

/** The values that the model's makers give. */
export const DEFAULT_PLACE_OPTIONS: PlaceOptions = {
  pixelFrom: 0.3,
  placeFrom: 0.5,
  unclipRatio: 1.6,
};

const SHORT_SIDE_MIN_PX = 3;
const UNCLIPPED_SIDE_MIN_PX = 5;
const PLACES_MAX = 1000;
const PICTURE_SIDE_MIN_PX = 3;

/** Finds places of text in a map and gives them in pixels of a picture of the given size. */
export function findPlaces(
  map: ProbabilityMap,
  picture: { readonly widthPx: number; readonly heightPx: number },
  options: PlaceOptions = DEFAULT_PLACE_OPTIONS,
): TextPlace[] {
  const places: TextPlace[] = [];
  const scaleFreely = ({ x, y }: Point): Point => ({
    x: (x / map.widthPx) * picture.widthPx,
    y: (y / map.heightPx) * picture.heightPx,
  });
  const scale = (point: Point): Point => {
    const { x, y } = scaleFreely(point);
    return {
      x: clip(Math.round(x), picture.widthPx - 1),
      y: clip(Math.round(y), picture.heightPx - 1),
    };
  };
  for (const { rim, pixels } of findPatches(map, options.pixelFrom).slice(0, PLACES_MAX)) {
    const core = minAreaRectangle(rim);
    if (core.shortSidePx < SHORT_SIDE_MIN_PX) continue;
    const bent = findBend(map, pixels);
    if (bent !== undefined) {
      if (bent.score < options.placeFrom) continue;
      const ribs = bendRibs(bent.arc, options.unclipRatio);
      const [a, b, c, d] = minAreaRectangle(ribs.flat()).quad;
      places.push({
        quad: orderCorners([scale(a), scale(b), scale(c), scale(d)]),
        score: bent.score,
        ribs: ribs.map(([top, bottom]): Rib => [scaleFreely(top), scaleFreely(bottom)]),
      });
      continue;
    }
    const score = meanInside(map, core.quad);
    if (score < options.placeFrom) continue;
    const whole = minAreaRectangle(unclip(core.quad, options.unclipRatio));
    if (whole.shortSidePx < UNCLIPPED_SIDE_MIN_PX) continue;
    const [a, b, c, d] = whole.quad;
    const quad = orderCorners([scale(a), scale(b), scale(c), scale(d)]);
    if (Math.floor(distance(quad[0], quad[1])) <= PICTURE_SIDE_MIN_PX) continue;
    if (Math.floor(distance(quad[0], quad[3])) <= PICTURE_SIDE_MIN_PX) continue;
    places.push({ quad, score });
  }
  return places;
}

function clip(value: number, high: number): number {
  return Math.min(high, Math.max(0, value));
}

/** Marks a pixel where it, its left or its upper neighbour is text, so that thin gaps close. */
function mark({ widthPx, heightPx, probabilities }: ProbabilityMap, from: number): Uint8Array {
  const marks = new Uint8Array(probabilities.length);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      if ((probabilities[y * widthPx + x] ?? 0) <= from) continue;
      for (let dy = 0; dy < 2 && y + dy < heightPx; dy++) {
        for (let dx = 0; dx < 2 && x + dx < widthPx; dx++) marks[(y + dy) * widthPx + x + dx] = 1;
      }
    }
  }
  return marks;
}

interface Patch {
  /** The outermost pixels of each row: its hull needs no more. */
  readonly rim: readonly Point[];
  /** All pixels, as indices of the map. */
  readonly pixels: readonly number[];
}

/** Every connected patch (8 neighbours). */
function findPatches(map: ProbabilityMap, from: number): Patch[] {
  const { widthPx: width, heightPx: height } = map;
  const marks = mark(map, from);
  const stack: number[] = [];
  const patches: Patch[] = [];
  for (let start = 0; start < marks.length; start++) {
    if (marks[start] !== 1) continue;
    const pixels: number[] = [];
    const rows = new Map<number, { left: number; right: number }>();
    marks[start] = 2;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      pixels.push(at);
      const x = at % width;
      const y = (at - x) / width;
      const row = rows.get(y);
      if (row === undefined) rows.set(y, { left: x, right: x });
      else {
        row.left = Math.min(row.left, x);
        row.right = Math.max(row.right, x);
      }
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const neighbour = ny * width + nx;
          if (marks[neighbour] !== 1) continue;
          marks[neighbour] = 2;
          stack.push(neighbour);
        }
      }
    }
    const rim = [...rows].flatMap(([y, { left, right }]) => [
      { x: left, y },
      { x: right, y },
    ]);
    patches.push({ rim, pixels });
  }
  return patches;
}

/** Mean probability inside a quad, its rim included. */
function meanInside(map: ProbabilityMap, quad: Quad): number {
  const corners = quad.map(({ x, y }) => ({ x: Math.trunc(x), y: Math.trunc(y) }));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  let sum = 0;
  let count = 0;
  for (
    let y = Math.max(0, Math.min(...ys));
    y <= Math.min(map.heightPx - 1, Math.max(...ys));
    y++
  ) {
    const right = Math.min(map.widthPx - 1, Math.max(...xs));
    for (let x = Math.max(0, Math.min(...xs)); x <= right; x++) {
      if (!isInside(corners, x, y)) continue;
      sum += map.probabilities[y * map.widthPx + x] ?? 0;
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}

/** Whether a point lies in a convex clockwise polygon, or within half a pixel of it. */
function isInside(corners: readonly Point[], x: number, y: number): boolean {
  return corners.every((from, index) => {
    const to = corners[(index + 1) % corners.length] ?? from;
    const cross = (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x);
    return cross >= -0.5 * distance(from, to);
  });
}

/** Steps of the circle around each corner: with more, the rectangle around them stays the same. */
const CIRCLE_STEPS = 64;

/** Points whose hull is the quad, grown outwards with round corners. */
function unclip(quad: Quad, ratio: number): Point[] {
  let doubledArea = 0;
  let perimeter = 0;
  quad.forEach((from, index) => {
    const to = quad[(index + 1) % 4] ?? from;
    doubledArea += from.x * to.y - to.x * from.y;
    perimeter += distance(from, to);
  });
  if (perimeter === 0) return [...quad];
  const radius = ((Math.abs(doubledArea) / 2) * ratio) / perimeter;
  return quad.flatMap((corner) =>
    Array.from({ length: CIRCLE_STEPS }, (_, step) => {
      const angle = (step / CIRCLE_STEPS) * 2 * Math.PI;
      // The reference grows whole-pixel outlines: corners are cut to whole pixels first.
      return {
        x: Math.round(Math.trunc(corner.x) + radius * Math.cos(angle)),
        y: Math.round(Math.trunc(corner.y) + radius * Math.sin(angle)),
      };
    }),
  );
}
