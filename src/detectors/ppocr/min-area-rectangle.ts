import { distance, type Point, type Quad } from './text-line.ts';

export interface Rectangle {
  readonly quad: Quad;
  readonly shortSidePx: number;
}

/** Andrew's monotone chain. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of ordered) {
      for (;;) {
        const [b, a] = [chain.at(-1), chain.at(-2)];
        if (a === undefined || b === undefined) break;
        if ((b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x) > 0) break;
        chain.pop();
      }
      chain.push(point);
    }
    return chain;
  };
  if (sorted.length < 3) return sorted;
  return [...half(sorted).slice(0, -1), ...half(sorted.reverse()).slice(0, -1)];
}

/** The smallest rectangle, at any angle, around points: one of its sides lies on their hull. */
export function minAreaRectangle(points: readonly Point[]): Rectangle {
  const hull = convexHull(points);
  const [first = { x: 0, y: 0 }] = hull;
  let best: Rectangle = { quad: [first, first, first, first], shortSidePx: 0 };
  let bestArea = Number.POSITIVE_INFINITY;
  hull.forEach((from, index) => {
    const to = hull[(index + 1) % hull.length] ?? first;
    const length = distance(from, to);
    if (length === 0) return;
    const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
    let [low, high, near, far] = [0, 0, 0, 0];
    for (const point of hull) {
      const x = point.x - from.x;
      const y = point.y - from.y;
      const u = x * along.x + y * along.y;
      const v = y * along.x - x * along.y;
      low = Math.min(low, u);
      high = Math.max(high, u);
      near = Math.min(near, v);
      far = Math.max(far, v);
    }
    const area = (high - low) * (far - near);
    if (area >= bestArea) return;
    bestArea = area;
    const at = (u: number, v: number): Point => ({
      x: from.x + u * along.x - v * along.y,
      y: from.y + u * along.y + v * along.x,
    });
    best = {
      quad: orderCorners([at(low, near), at(high, near), at(high, far), at(low, far)]),
      shortSidePx: Math.min(high - low, far - near),
    };
  });
  return best;
}

/** Of the two left corners the upper one comes first, then clockwise. */
export function orderCorners(corners: Quad): Quad {
  const [a, b, c, d] = [...corners].sort((left, right) => left.x - right.x);
  if (a === undefined || b === undefined || c === undefined || d === undefined) return corners;
  const [upperLeft, lowerLeft] = b.y > a.y ? [a, b] : [b, a];
  const [upperRight, lowerRight] = d.y > c.y ? [c, d] : [d, c];
  return [upperLeft, upperRight, lowerRight, lowerLeft];
}
