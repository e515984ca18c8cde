import { decodePage, decodingProblem, tooManyPixels } from './decode-image.ts';
import { chooseFrames } from './frame-times.ts';
import { openWithSharp } from './image-engine.ts';
import type { Frame, MediaLimits, MediaProblem } from './media.ts';
import { mediaProblem } from './media-problem.ts';
import { FRAME_LONGEST_SIDE_PX, type SampledVideo } from './sampled-video.ts';
import { describeSampling } from './sampling-coverage.ts';
import { chooseDenser, type SamplingPlan, UNIFORM } from './sampling-plan.ts';

/** Browsers show a frame that asks for 10 ms or less for this long. */
const HURRIED_DELAY_MS = 100;

/**
 * Samples an animated GIF or WebP as one would a video, with sharp: ffmpeg reads no animated WebP.
 * One page is in memory at a time. Cuts are not looked for: to find them every page would have to be
 * decoded from the first one on.
 */
export async function sampleAnimation(
  bytes: Uint8Array,
  limits: MediaLimits,
  signal: AbortSignal,
  plan: SamplingPlan = UNIFORM,
): Promise<SampledVideo | MediaProblem> {
  const seen = plan.kind === 'denser' ? plan.seen : [];
  try {
    const metadata = await openWithSharp(bytes).metadata();
    const heightPx = metadata.pageHeight ?? metadata.height;
    const size = { width: metadata.width, height: heightPx };
    if (size.width * size.height > limits.maxPixels) return tooManyPixels(size, limits);
    const { times, durationMs } = timesOf(metadata.delay ?? [], metadata.pages ?? 1);
    if (durationMs > limits.maxDurationMs) {
      return mediaProblem('too_large', `the animation is longer than ${limits.maxDurationMs} ms`);
    }
    const frames: Frame[] = [...seen];
    const wanted =
      plan.kind === 'denser'
        ? chooseDenser(
            times,
            seen.map(({ timeMs }) => timeMs),
            plan.passages,
            plan.frames,
          )
        : chooseFrames(times, limits.frames);
    for (const page of wanted) {
      signal.throwIfAborted();
      const image = await decodePage(bytes, limits, page, FRAME_LONGEST_SIDE_PX);
      frames.push({ ...image, timeMs: times[page] ?? 0 });
    }
    frames.sort((a, b) => a.timeMs - b.timeMs);
    const sampling = describeSampling({
      sampledMs: frames.map((frame) => frame.timeMs),
      frameTimesMs: times,
      durationMs,
      hasAudio: false,
      plan: plan.kind === 'denser' ? 'adaptive' : 'uniform',
    });
    return { kind: 'sampled', frames, sampling };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return decodingProblem(error, bytes);
  }
}

function timesOf(
  delaysMs: readonly number[],
  pages: number,
): { readonly times: number[]; readonly durationMs: number } {
  const times: number[] = [];
  let durationMs = 0;
  for (let page = 0; page < pages; page++) {
    times.push(durationMs);
    const delay = delaysMs[page] ?? 0;
    durationMs += delay <= 10 ? HURRIED_DELAY_MS : delay;
  }
  return { times, durationMs };
}
