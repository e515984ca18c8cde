import type { DetectionContext } from '../../src/detectors/detector.ts';
import type { ImageMedia, RgbImage, VideoMedia } from '../../src/media/media.ts';

/** Neither a prompt nor earlier findings. */
export const noContext: DetectionContext = {
  signal: new AbortController().signal,
  prompt: undefined,
  earlier: [],
};

export function imageOf(image: RgbImage): ImageMedia {
  const ref = { sha256: '0'.repeat(64), kind: 'image' as const, mime: 'image/png', sizeBytes: 1 };
  return { kind: 'image', ref, image, bytes: new Uint8Array(1) };
}

/** A frame each quarter of a second. */
export function videoOf(images: readonly RgbImage[]): VideoMedia {
  const frames = images.map((image, index) => ({ ...image, timeMs: index * 250 }));
  const frameTimesMs = frames.map(({ timeMs }) => timeMs);
  return {
    kind: 'video',
    ref: { sha256: '1'.repeat(64), kind: 'video', mime: 'video/mp4', sizeBytes: 1 },
    frames,
    sampling: { durationMs: 250 * frames.length, frameTimesMs, largestGapMs: 250, hasAudio: false },
    bytes: new Uint8Array(1),
  };
}
