/** Pixels, origin at the upper left. */
interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

/** A cut across a line of writing: its upper and its lower end. */
export type Rib = readonly [PlanePoint, PlanePoint];

/** A band around part of a circle. */
export interface Arc {
  readonly centre: PlanePoint;
  readonly radiusPx: number;
  /** Of the band's middle and, to either side, its half. Radians. */
  readonly middle: number;
  readonly halfAngle: number;
  /** Root mean square distance of the points from the circle. */
  readonly spreadPx: number;
}

const FIT_STEPS = 8;

/** The circle that lies nearest to points, by least squares of the distance. */
export function fitArc(points: readonly PlanePoint[]): Arc | undefined {
  if (points.length < 3) return undefined;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  // Kåsa's fit has a closed form, but short arcs of thick bands come out too narrow.
  const start = solveNormal(points, ({ x, y }) => {
    const [dx, dy] = [x - meanX, y - meanY];
    return [[2 * dx, 2 * dy, 1], dx * dx + dy * dy];
  });
  if (start === undefined) return undefined;
  let [x, y] = [meanX + start[0], meanY + start[1]];
  let radius = Math.sqrt(Math.max(0, start[2] + start[0] ** 2 + start[1] ** 2));
  for (let step = 0; step < FIT_STEPS; step++) {
    const change = solveNormal(points, (point) => {
      const away = Math.hypot(point.x - x, point.y - y) || 1;
      return [[(x - point.x) / away, (y - point.y) / away, -1], radius - away];
    });
    if (change === undefined) return undefined;
    x += change[0];
    y += change[1];
    radius += change[2];
  }
  if (!Number.isFinite(radius) || radius <= 0) return undefined;
  return measureArc(points, { x, y }, radius, Math.atan2(meanY - y, meanX - x));
}

function measureArc(
  points: readonly PlanePoint[],
  centre: PlanePoint,
  radiusPx: number,
  towards: number,
): Arc {
  let least = 0;
  let most = 0;
  let squares = 0;
  for (const { x, y } of points) {
    const angle = Math.atan2(y - centre.y, x - centre.x) - towards;
    const turned = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
    least = Math.min(least, turned);
    most = Math.max(most, turned);
    squares += (Math.hypot(x - centre.x, y - centre.y) - radiusPx) ** 2;
  }
  return {
    centre,
    radiusPx,
    middle: towards + (least + most) / 2,
    halfAngle: (most - least) / 2,
    spreadPx: Math.sqrt(squares / points.length),
  };
}

type Triple = [number, number, number];

/** Least squares in three unknowns, by Cramer's rule on the normal equations. */
function solveNormal(
  points: readonly PlanePoint[],
  rowOf: (point: PlanePoint) => readonly [Triple, number],
): Triple | undefined {
  let [aa, ab, ac, bb, bc, cc, at, bt, ct] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const point of points) {
    const [[a, b, c], target] = rowOf(point);
    aa += a * a;
    ab += a * b;
    ac += a * c;
    bb += b * b;
    bc += b * c;
    cc += c * c;
    at += a * target;
    bt += b * target;
    ct += c * target;
  }
  const determinant = (p: Triple, q: Triple, r: Triple): number =>
    p[0] * (q[1] * r[2] - q[2] * r[1]) -
    q[0] * (p[1] * r[2] - p[2] * r[1]) +
    r[0] * (p[1] * q[2] - p[2] * q[1]);
  const [p, q, r, t]: [Triple, Triple, Triple, Triple] = [
    [aa, ab, ac],
    [ab, bb, bc],
    [ac, bc, cc],
    [at, bt, ct],
  ];
  const all = determinant(p, q, r);
  if (Math.abs(all) < 1e-9) return undefined;
  return [determinant(t, q, r) / all, determinant(p, t, r) / all, determinant(p, q, t) / all];
}

/** Ribs of a strip: so many that a straight piece between two is as good as the curve. */
const RIBS = 33;

/**
 * The strip around an arc, from the left to the right as the picture stands, ribs evenly apart.
 * `reachPx` is its half height, `beyondPx` what is added at either end.
 */
export function arcRibs(arc: Arc, reachPx: number, beyondPx: number): Rib[] {
  const { centre, radiusPx, middle } = arc;
  const half = Math.min(Math.PI, arc.halfAngle + beyondPx / radiusPx);
  // Above its centre an arc runs to the right with growing angles, and outwards is up.
  const sign = Math.sin(middle) <= 0 ? 1 : -1;
  const inner = Math.max(0, radiusPx - reachPx);
  const outer = radiusPx + reachPx;
  return Array.from({ length: RIBS }, (_, index) => {
    const angle = middle + sign * half * ((2 * index) / (RIBS - 1) - 1);
    const at = (radius: number): PlanePoint => ({
      x: centre.x + radius * Math.cos(angle),
      y: centre.y + radius * Math.sin(angle),
    });
    return sign > 0 ? [at(outer), at(inner)] : [at(inner), at(outer)];
  });
}

/** The rib at a share of the strip's length, 0–1. */
export function ribAt(ribs: readonly Rib[], share: number): Rib {
  const place = Math.min(1, Math.max(0, share)) * (ribs.length - 1);
  const index = Math.min(ribs.length - 2, Math.floor(place));
  const [from, to] = [ribs[index], ribs[index + 1]];
  if (from === undefined || to === undefined) throw new RangeError('a strip has two ribs');
  const part = place - index;
  const between = (a: PlanePoint, b: PlanePoint): PlanePoint => ({
    x: a.x + (b.x - a.x) * part,
    y: a.y + (b.y - a.y) * part,
  });
  return [between(from[0], to[0]), between(from[1], to[1])];
}
