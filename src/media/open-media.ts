import { readFile, stat } from 'node:fs/promises';
import type { MediaRef } from '../core/media-ref.ts';
import { decodeImage, tooLarge } from './decode-image.ts';
import type { FfmpegTools } from './ffmpeg.ts';
import type { Media, MediaLimits, MediaProblem } from './media.ts';
import { isMediaProblem, mediaProblem } from './media-problem.ts';
import type { MediaSource } from './media-source.ts';
import { sampleAnimation } from './sample-animation.ts';
import { sampleVideo } from './sample-video.ts';
import type { SampledVideo } from './sampled-video.ts';
import { type SamplingPlan, UNIFORM } from './sampling-plan.ts';
import { demuxerOf } from './sniff.ts';

/** The medium was deleted, or cannot be read by this user. */
export interface MissingMedia {
  readonly kind: 'missing';
}

/**
 * Opens stored media for the detectors: a picture decoded, a video sampled, within the limits.
 *
 * @param ref as sniffed when the medium was stored
 * @param ffmpeg asked only for videos that need it
 * @param plan which frames of a video are wanted. Default: evenly spaced ones
 * @returns a problem for bad media, never an exception
 * @throws `signal.reason` where the caller aborts; SafelightError where no ffmpeg can be used.
 */
export async function openMedia(
  source: MediaSource,
  ref: MediaRef,
  limits: MediaLimits,
  ffmpeg: () => Promise<FfmpegTools>,
  signal: AbortSignal,
  plan: SamplingPlan = UNIFORM,
): Promise<Media | MediaProblem | MissingMedia> {
  signal.throwIfAborted();
  const bytes = await readSource(source, limits);
  if (!(bytes instanceof Uint8Array)) return bytes;
  if (bytes.byteLength === 0) return mediaProblem('empty', 'the file has no bytes');

  if (ref.kind === 'image') {
    const image = await decodeImage(bytes, limits);
    signal.throwIfAborted();
    return isMediaProblem(image) ? image : { kind: 'image', ref, image, bytes };
  }
  const sampled = await sampleInTime(source, bytes, ref, limits, ffmpeg, signal, plan);
  if (isMediaProblem(sampled)) return sampled;
  return { kind: 'video', ref, frames: sampled.frames, sampling: sampled.sampling, bytes };
}

async function sampleInTime(
  source: MediaSource,
  bytes: Uint8Array,
  ref: MediaRef,
  limits: MediaLimits,
  ffmpeg: () => Promise<FfmpegTools>,
  signal: AbortSignal,
  plan: SamplingPlan,
): Promise<SampledVideo | MediaProblem> {
  const tools = demuxerOf(ref.mime) === undefined ? undefined : await ffmpeg();
  const deadline = AbortSignal.timeout(limits.timeoutMs);
  const either = AbortSignal.any([signal, deadline]);
  try {
    return tools === undefined
      ? await sampleAnimation(bytes, limits, either, plan)
      : await sampleVideo(source, ref.mime, limits, tools, either, plan);
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
    return mediaProblem('timeout', `sampling took longer than ${limits.timeoutMs} ms`);
  }
}

async function readSource(
  source: MediaSource,
  limits: MediaLimits,
): Promise<Uint8Array | MediaProblem | MissingMedia> {
  if ('bytes' in source) {
    return source.bytes.byteLength > limits.maxBytes ? tooLarge(limits) : source.bytes;
  }
  try {
    const { size } = await stat(source.path);
    return size > limits.maxBytes ? tooLarge(limits) : await readFile(source.path);
  } catch {
    return { kind: 'missing' };
  }
}
