import type { MediaRef } from '../core/media-ref.ts';
import type { Media } from '../media/media.ts';
import type { SamplingPlan } from '../media/sampling-plan.ts';
import { pixelatedThumbnail } from '../media/thumbnail.ts';
import type { ThumbnailMaker } from '../report/build-model.ts';
import type { OpenStoredMedia } from '../run/detect-stage.ts';
import type { BlobStore } from '../store/blobs.ts';

/** Pixelates stored media for the report. Media that is gone has no thumbnail. */
export function createThumbnails(
  blobs: BlobStore,
  open: OpenStoredMedia,
  signal: AbortSignal,
  plan?: SamplingPlan,
): ThumbnailMaker {
  // A report asks for several frames of one video in a row.
  let last: { readonly sha256: string; readonly media: Media | null } | undefined;

  async function opened(ref: MediaRef): Promise<Media | null> {
    if (last?.sha256 === ref.sha256) return last.media;
    const media = await open(ref, blobs, signal, plan);
    last = {
      sha256: ref.sha256,
      media: media.kind === 'image' || media.kind === 'video' ? media : null,
    };
    return last.media;
  }

  return async (ref, timeMs) => {
    const media = await opened(ref);
    if (media === null) return null;
    const image = media.kind === 'image' ? media.image : nearestFrame(media, timeMs ?? 0);
    if (image === undefined) return null;
    const png = await pixelatedThumbnail(image);
    return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  };
}

function nearestFrame(
  media: Extract<Media, { kind: 'video' }>,
  timeMs: number,
): (typeof media.frames)[number] | undefined {
  return media.frames.reduce<(typeof media.frames)[number] | undefined>(
    (best, frame) =>
      best === undefined || Math.abs(frame.timeMs - timeMs) < Math.abs(best.timeMs - timeMs)
        ? frame
        : best,
    undefined,
  );
}
