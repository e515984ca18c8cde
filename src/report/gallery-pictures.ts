import type { MediaRef } from '../core/media-ref.ts';
import type { GalleryCandidate } from './gallery-item.ts';
import type { GalleryItem, Timeline } from './model.ts';

/**
 * Makes a `data:image/png;base64,…` address of an irreversibly pixelated picture: of a video, of
 * the frame nearest to `timeMs`, else of its first. Null where the medium was purged or never kept.
 */
export type ThumbnailMaker = (ref: MediaRef, timeMs?: number) => Promise<string | null>;

/** Longer addresses are no pixelated thumbnail: about 3 kB of picture. */
const MAX_THUMBNAIL_LENGTH = 4096;
const THUMBNAIL_PATTERN = /^data:image\/(?:png|webp|jpeg);base64,[A-Za-z0-9+/]+={0,2}$/;
/** Videos that show a strip of frames below their timeline, and frames in a strip. */
const MAX_STRIPS = 24;
const MAX_STRIP_FRAMES = 6;

/** One after the other: a video is decoded for each, and there are few. */
export async function addPictures(
  candidates: readonly GalleryCandidate[],
  thumbnail: ThumbnailMaker,
): Promise<GalleryItem[]> {
  const make = async (ref: MediaRef, timeMs?: number): Promise<string | null> => {
    const address = await thumbnail(ref, timeMs);
    return address !== null &&
      address.length <= MAX_THUMBNAIL_LENGTH &&
      THUMBNAIL_PATTERN.test(address)
      ? address
      : null;
  };
  const items: GalleryItem[] = [];
  let strips = 0;
  for (const { item, ref } of candidates) {
    if (item.medium === null || ref === null) {
      items.push(item);
      continue;
    }
    const { timeline } = item.medium;
    const picture = await make(ref, timeline?.peak.timeMs);
    const withStrip = timeline !== null && picture !== null && strips < MAX_STRIPS;
    if (withStrip) strips += 1;
    items.push({
      ...item,
      medium: {
        ...item.medium,
        thumbnail: picture,
        timeline: withStrip
          ? { ...timeline, frames: await makeStrip(timeline, (timeMs) => make(ref, timeMs)) }
          : timeline,
      },
    });
  }
  return items;
}

/** Frames spread evenly over the sampled ones, first and last among them. */
async function makeStrip(
  timeline: Timeline,
  make: (timeMs: number) => Promise<string | null>,
): Promise<{ timeMs: number; thumbnail: string }[]> {
  const count = Math.min(MAX_STRIP_FRAMES, timeline.points.length);
  const frames: { timeMs: number; thumbnail: string }[] = [];
  for (let index = 0; index < count; index += 1) {
    const position = count === 1 ? 0 : (index * (timeline.points.length - 1)) / (count - 1);
    const point = timeline.points[Math.round(position)];
    if (point === undefined) continue;
    const picture = await make(point.timeMs);
    if (picture !== null) frames.push({ timeMs: point.timeMs, thumbnail: picture });
  }
  return frames;
}
