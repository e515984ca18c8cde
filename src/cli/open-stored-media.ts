import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from '../media/media.ts';
import { openMedia } from '../media/open-media.ts';
import type { OpenStoredMedia } from '../run/detect-stage.ts';
import { ffmpegTools } from './ffmpeg-tools.ts';
import type { Terminal } from './terminal.ts';

export function mediaLimits(frames: number): MediaLimits {
  return { ...DEFAULT_MEDIA_LIMITS, frames };
}

/** Opens blobs for detectors, with the ffmpeg of this machine. */
export function openStoredMedia(limits: MediaLimits, terminal: Terminal): OpenStoredMedia {
  return async (ref, blobs, signal, plan) => {
    if (!(await blobs.has(ref.sha256))) return { kind: 'missing' };
    return openMedia(
      { path: blobs.path(ref.sha256) },
      ref,
      limits,
      () => ffmpegTools(terminal),
      signal,
      plan,
    );
  };
}
