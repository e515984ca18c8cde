import type { RgbImage } from '../../media/media.ts';

/** Side of the grid on which frames are compared: fine enough to notice a changed word. */
const GRID = 48;
/** Grey levels by which a cell's mean must differ, so that noise and recompression do not count. */
const CELL_DIFFERENCE_LEVELS = 10;
/** Cells that may differ between frames that show the same. */
const CHANGED_CELLS_MAX = 4;

/** Mean luma on a coarse grid, row-major, 0–255. */
export type FrameSketch = Uint8Array;

export function sketchFrame(image: RgbImage): FrameSketch {
  const { widthPx, heightPx, rgb } = image;
  const sums = new Float64Array(GRID * GRID);
  const counts = new Uint32Array(GRID * GRID);
  for (let y = 0; y < heightPx; y++) {
    const row = Math.floor((y * GRID) / heightPx) * GRID;
    for (let x = 0; x < widthPx; x++) {
      const cell = row + Math.floor((x * GRID) / widthPx);
      const at = (y * widthPx + x) * 3;
      sums[cell] =
        (sums[cell] ?? 0) +
        0.299 * (rgb[at] ?? 0) +
        0.587 * (rgb[at + 1] ?? 0) +
        0.114 * (rgb[at + 2] ?? 0);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  return Uint8Array.from(sums, (sum, cell) => sum / Math.max(1, counts[cell] ?? 0));
}

/** Whether two frames show the same, so that reading one is enough. */
export function isSameView(a: FrameSketch, b: FrameSketch): boolean {
  let changed = 0;
  for (let cell = 0; cell < a.length; cell++) {
    if (Math.abs((a[cell] ?? 0) - (b[cell] ?? 0)) < CELL_DIFFERENCE_LEVELS) continue;
    changed++;
    if (changed > CHANGED_CELLS_MAX) return false;
  }
  return true;
}
