import type { Media } from '../../media/media.ts';
import { pickFrames } from '../service/pick-frames.ts';
import type { JudgeOptions } from './judge.ts';
import type { Shown } from './judge-questions.ts';
import { type FrameWay, frameParts, imageParts } from './media-parts.ts';

/** One thing that a judge is shown, and from when in a video. */
export interface ShownAt {
  readonly shown: Shown;
  readonly timeMs: number;
}

/** A picture, a video's frames as one, or its frames one by one. */
export async function showMedia(
  media: Media,
  {
    maxSidePx,
    maxFrames,
    frames,
  }: Pick<JudgeOptions, 'maxSidePx' | 'maxFrames'> & {
    readonly frames: FrameWay;
  },
): Promise<ShownAt[]> {
  if (media.kind === 'image') {
    const parts = await imageParts(media.image, maxSidePx);
    return [{ shown: { kind: 'media', parts, isVideo: false }, timeMs: 0 }];
  }
  const picked = pickFrames(media.frames, maxFrames);
  if (frames !== 'single') {
    const parts = await frameParts(picked, frames, maxSidePx);
    return [{ shown: { kind: 'media', parts, isVideo: true }, timeMs: picked[0]?.timeMs ?? 0 }];
  }
  return Promise.all(
    picked.map(async (frame) => ({
      shown: { kind: 'media', parts: await imageParts(frame, maxSidePx), isVideo: false } as const,
      timeMs: frame.timeMs,
    })),
  );
}
