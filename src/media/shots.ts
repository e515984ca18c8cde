import type { FfmpegTools } from './ffmpeg.ts';
import type { MediaLimits } from './media.ts';
import { ffmpegInput, type MediaSource } from './media-source.ts';
import type { VideoProbe } from './probe.ts';
import { withLimits } from './program-limits.ts';
import { runProgram } from './run-program.ts';

/** Of ffmpeg's scene score, 0–1: a hard cut is far above, fast movement mostly below. */
const CUT_FROM = 0.3;

/** Cuts are seen at this size as well, at a fraction of the cost. */
const SIDE_PX = 160;

/** Half an hour with a cut in every frame. */
const MAX_OUTPUT = 16 * 1024 * 1024;

/**
 * Finds the cuts of a video in a decoding pass of its own.
 *
 * @returns times of the first frames after a cut, in ms from the first frame; none where the video
 *   cannot be decoded to its end: the pass that takes the frames reports that.
 * @throws `signal.reason` on abort; the error of spawning.
 */
export async function findShots(
  source: MediaSource,
  demuxer: string,
  limits: MediaLimits,
  tools: FfmpegTools,
  probe: VideoProbe,
  signal: AbortSignal,
): Promise<number[]> {
  const { url, options, stdin } = ffmpegInput(source);
  const filters = [
    `scale=${SIDE_PX}:${SIDE_PX}:flags=fast_bilinear`,
    `select='gt(scene,${CUT_FROM})'`,
    'metadata=print:file=-',
  ];
  // biome-ignore format: flag and value side by side
  const args = [
    '-hide_banner', '-nostdin', '-nostats', '-v', 'error', ...options, '-f', demuxer,
    '-max_pixels', String(limits.maxPixels), '-copyts', '-i', url,
    '-map', `0:${probe.streamIndex}`, '-an', '-sn', '-dn', '-filter:v', filters.join(','),
    '-f', 'null', '-',
  ];
  const result = await runProgram(...withLimits(tools.ffmpegPath, args, limits, tools), {
    signal,
    maxOutput: MAX_OUTPUT,
    stdin,
  });
  if (result.exitCode !== 0) return [];
  return [...result.stdout.matchAll(/\bpts_time:(-?[\d.]+)/g)].map(
    ([, seconds]) => (Number(seconds) - probe.startSeconds) * 1000,
  );
}
