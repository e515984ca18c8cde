import type { Sampling } from '../core/finding.ts';
import { largestGap, roundMs } from './frame-times.ts';

/** A video's clock, and which of its frames were looked at. Times in ms from the first frame. */
export interface SampledClock {
  readonly sampledMs: readonly number[];
  /** Presentation times of all frames, ascending. */
  readonly frameTimesMs: readonly number[];
  readonly durationMs: number;
  readonly hasAudio: boolean;
  readonly plan: NonNullable<Sampling['plan']>;
}

/** Coverage of a video by its sampled frames. */
export function describeSampling(clock: SampledClock): Sampling {
  const { sampledMs, frameTimesMs, durationMs } = clock;
  return {
    durationMs,
    frameTimesMs: [...sampledMs],
    largestGapMs: roundMs(largestGap(sampledMs, frameTimesMs.at(-1) ?? 0)),
    hasAudio: clock.hasAudio,
    plan: clock.plan,
    unseenMs: longestPassage(clock, 1),
    // A video of which a single frame was looked at is judged as that frame.
    unpairedMs: longestPassage(clock, sampledMs.length < 2 ? 1 : 2),
  };
}

/**
 * Longest passage that shows fewer than `needed` of the sampled frames: from the frame after one
 * sampled frame until the appearance of a later one. A frame is shown until the next one comes.
 */
function longestPassage(clock: SampledClock, needed: 1 | 2): number {
  const { sampledMs, frameTimesMs, durationMs } = clock;
  let longest = 0;
  let next = 0;
  for (let k = -1; k < sampledMs.length; k++) {
    const from = sampledMs[k] ?? Number.NEGATIVE_INFINITY;
    while (next < frameTimesMs.length && (frameTimesMs[next] ?? 0) <= from) next++;
    const start = frameTimesMs[next];
    if (start === undefined) break;
    const end = sampledMs[k + needed] ?? durationMs;
    longest = Math.max(longest, end - start);
  }
  return roundMs(longest);
}
