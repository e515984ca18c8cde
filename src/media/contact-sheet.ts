import sharp from 'sharp';
import type { EncodedPicture } from './encode-picture.ts';
import type { Frame } from './media.ts';

/** Frames in one picture, row by row. */
export interface ContactSheet {
  readonly picture: EncodedPicture;
  readonly columns: number;
  readonly rows: number;
}

/** Between the cells and around them, so that a judge can tell them apart. */
const GAP_PX = 4;
const QUALITY = 90;

const done = new WeakMap<readonly Frame[], Map<number, Promise<ContactSheet>>>();

/**
 * Lays frames out in one picture in their order, on white. Several judges of the same list of frames
 * share one sheet. Equal pixels give equal bytes.
 *
 * @param frames at least one.
 * @param maxSidePx of the sheet.
 */
export function contactSheet(frames: readonly Frame[], maxSidePx: number): Promise<ContactSheet> {
  const known = done.get(frames) ?? new Map<number, Promise<ContactSheet>>();
  done.set(frames, known);
  const sheet = known.get(maxSidePx) ?? layOut(frames, maxSidePx);
  known.set(maxSidePx, sheet);
  return sheet;
}

async function layOut(frames: readonly Frame[], maxSidePx: number): Promise<ContactSheet> {
  const [first] = frames;
  if (first === undefined) throw new RangeError('a contact sheet needs a frame');
  const columns = Math.ceil(Math.sqrt(frames.length));
  const rows = Math.ceil(frames.length / columns);
  const room = (cells: number): number => Math.floor((maxSidePx - GAP_PX) / cells) - GAP_PX;
  const scale = Math.min(1, room(columns) / first.widthPx, room(rows) / first.heightPx);
  const cellWidth = Math.max(1, Math.round(first.widthPx * scale));
  const cellHeight = Math.max(1, Math.round(first.heightPx * scale));
  const cells = await Promise.all(
    frames.map(async ({ widthPx: width, heightPx: height, rgb }, index) => ({
      input: await sharp(rgb, { raw: { width, height, channels: 3 } })
        .resize(cellWidth, cellHeight, { fit: 'contain', background: '#ffffff' })
        .raw()
        .toBuffer(),
      raw: { width: cellWidth, height: cellHeight, channels: 3 as const },
      left: GAP_PX + (index % columns) * (cellWidth + GAP_PX),
      top: GAP_PX + Math.floor(index / columns) * (cellHeight + GAP_PX),
    })),
  );
  const width = GAP_PX + columns * (cellWidth + GAP_PX);
  const height = GAP_PX + rows * (cellHeight + GAP_PX);
  const bytes = await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite(cells)
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return {
    picture: { bytes, contentType: 'image/jpeg', widthPx: width, heightPx: height },
    columns,
    rows,
  };
}
