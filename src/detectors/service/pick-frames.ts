import type { Frame } from '../../media/media.ts';

/** At most so many frames, evenly spread, the first and the last among them. */
export function pickFrames(frames: readonly Frame[], limit: number | undefined): readonly Frame[] {
  if (limit === undefined || frames.length <= limit) return frames;
  const last = frames.length - 1;
  const indices =
    limit === 1
      ? [Math.floor(last / 2)]
      : Array.from({ length: limit }, (_, index) => Math.round((index * last) / (limit - 1)));
  return [...new Set(indices)].flatMap((index) => frames[index] ?? []);
}
