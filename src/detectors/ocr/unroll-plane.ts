import type { Box } from '../../core/finding.ts';
import { type Rib, ribAt } from './arc-strip.ts';
import type { GreyPlane } from './grey-plane.ts';
import type { RotatedPlane } from './rotate-plane.ts';

const STEPS = 64;

/** Lays a strip level, by linear interpolation, at the given height. White lies outside the plane. */
export function unrollPlane(
  plane: GreyPlane,
  ribs: readonly Rib[],
  heightPx: number,
): RotatedPlane {
  const [top, bottom] = ribAt(ribs, 0.5);
  const scale = heightPx / Math.max(1, Math.hypot(bottom.x - top.x, bottom.y - top.y));
  const widthPx = Math.max(1, Math.round(lengthOf(ribs) * scale));
  const levels = new Uint8Array(widthPx * heightPx);
  for (let x = 0; x < widthPx; x++) {
    const [from, to] = ribAt(ribs, (x + 0.5) / widthPx);
    for (let y = 0; y < heightPx; y++) {
      const share = (y + 0.5) / heightPx;
      levels[y * widthPx + x] = sample(
        plane,
        from.x + (to.x - from.x) * share,
        from.y + (to.y - from.y) * share,
      );
    }
  }
  const toOriginal = (box: Box): Box => {
    const corners = [0, 0.5, 1].flatMap((part) => {
      const [from, to] = ribAt(ribs, (box.leftPx + part * box.widthPx) / widthPx);
      return [box.topPx, box.topPx + box.heightPx].map((y) => ({
        x: from.x + ((to.x - from.x) * y) / heightPx,
        y: from.y + ((to.y - from.y) * y) / heightPx,
      }));
    });
    const xs = corners.map(({ x }) => Math.min(plane.widthPx, Math.max(0, x)));
    const ys = corners.map(({ y }) => Math.min(plane.heightPx, Math.max(0, y)));
    const [leftPx, topPx] = [Math.min(...xs), Math.min(...ys)];
    return { leftPx, topPx, widthPx: Math.max(...xs) - leftPx, heightPx: Math.max(...ys) - topPx };
  };
  return { plane: { widthPx, heightPx, levels }, toOriginal };
}

function lengthOf(ribs: readonly Rib[]): number {
  let length = 0;
  for (let step = 0; step < STEPS; step++) {
    const [[a, b], [c, d]] = [ribAt(ribs, step / STEPS), ribAt(ribs, (step + 1) / STEPS)];
    length += Math.hypot(c.x + d.x - a.x - b.x, c.y + d.y - a.y - b.y) / 2;
  }
  return length;
}

function sample({ widthPx, heightPx, levels }: GreyPlane, x: number, y: number): number {
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  if (left < 0 || top < 0 || left + 1 >= widthPx || top + 1 >= heightPx) return 255;
  const [shareX, shareY] = [x - 0.5 - left, y - 0.5 - top];
  const at = top * widthPx + left;
  const upper = (levels[at] ?? 0) * (1 - shareX) + (levels[at + 1] ?? 0) * shareX;
  const lower =
    (levels[at + widthPx] ?? 0) * (1 - shareX) + (levels[at + widthPx + 1] ?? 0) * shareX;
  return Math.round(upper * (1 - shareY) + lower * shareY);
}
