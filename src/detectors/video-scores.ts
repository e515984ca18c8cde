import type { FindingDetail, HazardScore } from '../core/finding.ts';
import { type HazardCarrierKey, hazardCarrierKey } from '../core/hazard.ts';
import { momentsOf } from './video-moments.ts';

/** One sampled frame that a detector scored. */
export interface FrameScores {
  readonly timeMs: number;
  /** The same pairs in every frame. A frame's `peak` is ignored. */
  readonly scores: readonly HazardScore[];
}

export interface VideoScores {
  /** By pair, in the order of the first frame: the sustained score, and the peak. */
  readonly scores: HazardScore[];
  /** Every frame's score of the pair with the highest peak. */
  readonly timeline: NonNullable<FindingDetail['timeline']>;
  /** Onset, peak, area and latency of each pair that reached the level of suspicion. */
  readonly moments: NonNullable<FindingDetail['moments']>;
  /** Index of the frame with the highest score of any pair: the one to show to a person. */
  readonly worstFrame: number;
}

/**
 * Puts the scores of a video's sampled frames together. A video is not its worst frame: with a
 * false-alarm rate of 6 %, one frame of sixteen would flag 63 % of clean videos. So the score is
 * what two neighbouring frames sustain, and the peak is told beside it. Where a user asks for the
 * worst frame, the detect stage takes the peak.
 *
 * @param frames at least one, ascending in time. A frame that could not be judged is left out, and
 * the frames around it then count as neighbours.
 * @throws RangeError where there is no frame, or where frames differ in their pairs.
 */
export function aggregateFrameScores(frames: readonly FrameScores[]): VideoScores {
  const first = frames[0];
  if (first === undefined) throw new RangeError('a video without a scored frame has no score');
  const series = first.scores.map(({ hazard, carrier }) => {
    const key = hazardCarrierKey({ hazard, carrier });
    const values = frames.map((frame) => scoreOf(frame, key));
    return { hazard, carrier, values, peak: Math.max(...values) };
  });
  if (frames.some((frame) => frame.scores.length !== series.length)) {
    throw new RangeError('the frames of a video must be scored on the same pairs');
  }
  const highest = series.reduce<(typeof series)[number] | undefined>(
    (best, next) => (best === undefined || next.peak > best.peak ? next : best),
    undefined,
  );
  const timeline = (values: readonly number[]): VideoScores['timeline'] =>
    values.map((score, index) => ({ timeMs: frames[index]?.timeMs ?? Number.NaN, score }));
  return {
    scores: series.map(({ hazard, carrier, values, peak }) => ({
      hazard,
      carrier,
      score: sustainedScore(values),
      peak,
    })),
    timeline: timeline(highest?.values ?? []),
    moments: series.flatMap(
      ({ hazard, carrier, values }) => momentsOf({ hazard, carrier }, timeline(values)) ?? [],
    ),
    worstFrame: highest === undefined ? 0 : highest.values.indexOf(highest.peak),
  };
}

/** The largest value that two neighbours both reach; of a single value, that value. */
export function sustainedScore(values: readonly number[]): number {
  const [only] = values;
  if (only === undefined) throw new RangeError('no values');
  if (values.length === 1) return only;
  return Math.max(
    ...values.slice(1).map((value, index) => Math.min(value, values[index] ?? Number.NaN)),
  );
}

function scoreOf(frame: FrameScores, key: HazardCarrierKey): number {
  const found = frame.scores.find((score) => hazardCarrierKey(score) === key);
  if (found === undefined) {
    throw new RangeError('the frames of a video must be scored on the same pairs');
  }
  return found.score;
}
