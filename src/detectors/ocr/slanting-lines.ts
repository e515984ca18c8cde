import { arcRibs, fitArc, type Rib } from './arc-strip.ts';
import type { Shape } from './letter-shapes.ts';

/** Letter-like shapes that stand in a line which is not level: turned, or along an arc. */
export interface SlantingLine {
  readonly letters: readonly Shape[];
  /** From one end to the other; which of them comes first is not known. */
  readonly ribs: readonly Rib[];
}

const LETTERS_FROM = 5;
const LINES_MAX = 2;
const SIZE_MIN_PX = 8;
const SIZE_MAX_RATE = 0.3;
/** Middles of neighbours lie within this many times the larger one's size. */
const REACH = 1.7;
/** The larger of two neighbours is at most this many times as large. */
const SIZES_MAX = 2.2;
/** Middles stray from the line by less than this share of the letters' size. */
const STRAY_MAX = 0.4;
/** A line is curved where its middle rises over its ends by this share of the letters' size. */
const CURVED_FROM = 0.4;
/** The reader itself reads lines that slant by less, in degrees. */
const LEVEL_WITHIN = 6;
/** Half a strip's height, and what is added at its ends, in letter sizes. */
const HALF_HEIGHT = 1.15;
const BEYOND = 1.2;

function sizeOf({ width, height }: Shape): number {
  return Math.max(width, height);
}

function strokeOf({ area, rim }: Shape): number {
  return rim === 0 ? 0 : (2 * area) / rim;
}

function middleOf({ left, top, width, height }: Shape): { x: number; y: number } {
  return { x: left + width / 2, y: top + height / 2 };
}

function couldBeLetter(shape: Shape, longSidePx: number): boolean {
  const size = sizeOf(shape);
  const fill = shape.area / (shape.width * shape.height);
  return size >= SIZE_MIN_PX && size <= SIZE_MAX_RATE * longSidePx && fill > 0.12;
}

function areNear(a: Shape, b: Shape): boolean {
  const [sizeA, sizeB] = [sizeOf(a), sizeOf(b)];
  const [less, more] = [Math.min(sizeA, sizeB), Math.max(sizeA, sizeB)];
  if (more > SIZES_MAX * less) return false;
  const [strokeA, strokeB] = [strokeOf(a), strokeOf(b)];
  if (Math.min(strokeA, strokeB) < 0.5 * Math.max(strokeA, strokeB)) return false;
  const [p, q] = [middleOf(a), middleOf(b)];
  return Math.hypot(p.x - q.x, p.y - q.y) <= REACH * more;
}

/** Groups of shapes of one tone, each near to another of its group. */
function groupShapes(shapes: readonly Shape[]): Shape[][] {
  const left = [...shapes].sort((a, b) => a.left - b.left || a.top - b.top);
  const groups: Shape[][] = [];
  const taken = new Set<Shape>();
  for (const first of left) {
    if (taken.has(first)) continue;
    taken.add(first);
    const group = [first];
    for (const member of group) {
      for (const other of left) {
        if (other.left > member.left + member.width + REACH * SIZES_MAX * sizeOf(member)) break;
        if (taken.has(other) || !areNear(member, other)) continue;
        taken.add(other);
        group.push(other);
      }
    }
    groups.push(group);
  }
  return groups;
}

/** Lines that are not level, those of most letters first. Pure pixels, no more than a guess. */
export function findSlantingLines(
  shapes: readonly Shape[],
  plane: { readonly widthPx: number; readonly heightPx: number },
): SlantingLine[] {
  const longSidePx = Math.max(plane.widthPx, plane.heightPx);
  const lines: SlantingLine[] = [];
  for (const tone of ['dark', 'light'] as const) {
    const letters = shapes.filter((each) => each.tone === tone && couldBeLetter(each, longSidePx));
    for (const group of groupShapes(letters)) {
      const ribs = group.length < LETTERS_FROM ? undefined : ribsOf(group);
      if (ribs !== undefined) lines.push({ letters: group, ribs });
    }
  }
  return lines.sort((a, b) => b.letters.length - a.letters.length).slice(0, LINES_MAX);
}

/** The strip along a group's letters; undefined where they stand level or in no line. */
function ribsOf(group: readonly Shape[]): Rib[] | undefined {
  const points = group.map(middleOf);
  const sizes = group.map(sizeOf).sort((a, b) => a - b);
  const size = sizes[Math.floor(sizes.length * 0.75)] ?? 0;
  const straight = fitLine(points);
  const arc = fitArc(points);
  const rise = arc === undefined ? 0 : arc.radiusPx * (1 - Math.cos(arc.halfAngle));
  if (
    arc !== undefined &&
    rise >= CURVED_FROM * size &&
    arc.radiusPx > 1.5 * size &&
    arc.spreadPx < STRAY_MAX * size &&
    arc.spreadPx < 0.7 * straight.spreadPx
  ) {
    return arcRibs(arc, HALF_HEIGHT * size, BEYOND * size);
  }
  if (straight.spreadPx >= STRAY_MAX * size) return undefined;
  if (Math.abs(Math.sin(straight.angle)) < Math.sin((LEVEL_WITHIN * Math.PI) / 180)) {
    return undefined;
  }
  const along = { x: Math.cos(straight.angle), y: Math.sin(straight.angle) };
  const places = points.map(({ x, y }) => (x - straight.x) * along.x + (y - straight.y) * along.y);
  const rib = (place: number): Rib => {
    const at = (across: number): { x: number; y: number } => ({
      x: straight.x + place * along.x - across * along.y,
      y: straight.y + place * along.y + across * along.x,
    });
    return [at(-HALF_HEIGHT * size), at(HALF_HEIGHT * size)];
  };
  return [rib(Math.min(...places) - BEYOND * size), rib(Math.max(...places) + BEYOND * size)];
}

/** The line through the middle of points along which they spread most. */
function fitLine(points: readonly { readonly x: number; readonly y: number }[]) {
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length;
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length;
  let [xx, xy, yy] = [0, 0, 0];
  for (const point of points) {
    xx += (point.x - x) ** 2;
    xy += (point.x - x) * (point.y - y);
    yy += (point.y - y) ** 2;
  }
  const half = Math.hypot((xx - yy) / 2, xy);
  const across = Math.max(0, (xx + yy) / 2 - half);
  return {
    x,
    y,
    /** From -90° to 90°, so that the line runs to the right. */
    angle: Math.atan2(2 * xy, xx - yy) / 2,
    spreadPx: Math.sqrt(across / points.length),
  };
}
