import type { Box } from '../../core/finding.ts';
import type { GreyPlane } from './grey-plane.ts';

/** A plane turned around its middle, and the way back. */
export interface RotatedPlane {
  readonly plane: GreyPlane;
  /** The box, in the original plane, around a box of the turned one. */
  toOriginal(box: Box): Box;
}

/**
 * Turns a plane clockwise, by linear interpolation, onto one that holds all of it. What was outside
 * is filled with the level of the upper left corner's pixel.
 */
export function rotatePlane(plane: GreyPlane, degrees: number): RotatedPlane {
  const { widthPx: width, heightPx: height, levels } = plane;
  const radians = (degrees * Math.PI) / 180;
  // Whole quarters have to stay exact, or a rim of half a pixel is added.
  const cos = degrees % 180 === 90 || degrees % 180 === -90 ? 0 : Math.cos(radians);
  const sin = degrees % 180 === 0 ? 0 : Math.sin(radians);
  const widthPx = Math.ceil(Math.abs(width * cos) + Math.abs(height * sin) - 1e-9);
  const heightPx = Math.ceil(Math.abs(width * sin) + Math.abs(height * cos) - 1e-9);
  const toSource = (x: number, y: number): [number, number] => {
    const dx = x - widthPx / 2;
    const dy = y - heightPx / 2;
    return [dx * cos + dy * sin + width / 2, dy * cos - dx * sin + height / 2];
  };
  const out = new Uint8Array(widthPx * heightPx).fill(levels[0] ?? 255);
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const [u, v] = toSource(x + 0.5, y + 0.5);
      const level = sample(plane, u - 0.5, v - 0.5);
      if (level !== undefined) out[y * widthPx + x] = level;
    }
  }
  return {
    plane: { widthPx, heightPx, levels: out },
    toOriginal: ({ leftPx, topPx, widthPx: boxWidth, heightPx: boxHeight }) => {
      const corners = [
        toSource(leftPx, topPx),
        toSource(leftPx + boxWidth, topPx),
        toSource(leftPx + boxWidth, topPx + boxHeight),
        toSource(leftPx, topPx + boxHeight),
      ];
      const xs = corners.map(([x]) => Math.min(width, Math.max(0, x)));
      const ys = corners.map(([, y]) => Math.min(height, Math.max(0, y)));
      const left = Math.min(...xs);
      const top = Math.min(...ys);
      return {
        leftPx: left,
        topPx: top,
        widthPx: Math.max(...xs) - left,
        heightPx: Math.max(...ys) - top,
      };
    },
  };
}

function sample(
  { widthPx, heightPx, levels }: GreyPlane,
  x: number,
  y: number,
): number | undefined {
  if (x < -0.5 || y < -0.5 || x > widthPx - 0.5 || y > heightPx - 0.5) return undefined;
  const left = Math.max(0, Math.floor(x));
  const top = Math.max(0, Math.floor(y));
  const right = Math.min(widthPx - 1, left + 1);
  const bottom = Math.min(heightPx - 1, top + 1);
  const [shareX, shareY] = [Math.max(0, x - left), Math.max(0, y - top)];
  const at = (column: number, row: number): number => levels[row * widthPx + column] ?? 0;
  const upper = at(left, top) + (at(right, top) - at(left, top)) * shareX;
  const lower = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * shareX;
  return Math.round(upper + (lower - upper) * shareY);
}
