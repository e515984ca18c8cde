import { ascending, chooseFrames, fillGaps, nearest } from './frame-times.ts';
import type { Frame } from './media.ts';

/** A stretch of a video, both ends in it. */
export interface Passage {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Which frames of a video are wanted. `denser` adds to frames that were looked at before, inside the
 * passages given and nowhere else; why these passages, only the asker knows.
 */
export type SamplingPlan =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'scenes' }
  | {
      readonly kind: 'denser';
      readonly seen: readonly Frame[];
      readonly passages: readonly Passage[];
      /** How many more, at most. */
      readonly frames: number;
    };

export const UNIFORM: SamplingPlan = { kind: 'uniform' };

/** A shot is looked at in two places, so that two in a row can lie in it. */
const PLACES_IN_SHOT = [0.25, 0.75] as const;

/**
 * Chooses frames shot by shot: two of each shot where the budget allows, else the middle of as many
 * shots as it allows, the longest first; what is left goes into the longest unseen passages. First
 * and last frame are always among them.
 *
 * @param times presentation times, ascending and distinct
 * @param shotStarts times of first frames after a cut, ascending, in the same unit
 * @param count at least 2
 * @returns indices into `times`, ascending
 */
export function chooseByShots(
  times: readonly number[],
  shotStarts: readonly number[],
  count: number,
): number[] {
  if (times.length <= count) return times.map((_, index) => index);
  const last = times.length - 1;
  const cuts = shotStarts.map((time) => nearest(times, time, 0, last)).filter((at) => at > 0);
  const starts = [...new Set([0, ...cuts])].sort(ascending);
  const shots = starts.map((first, k) => ({ first, last: (starts[k + 1] ?? times.length) - 1 }));
  const chosen = new Set([0, last]);
  const length = (shot: (typeof shots)[number]): number =>
    (times[shot.last] ?? 0) - (times[shot.first] ?? 0);
  const places = shots.length * PLACES_IN_SHOT.length + 2 <= count ? PLACES_IN_SHOT : [0.5];
  for (const shot of shots.toSorted((a, b) => length(b) - length(a) || a.first - b.first)) {
    for (const place of places) {
      if (chosen.size >= count) break;
      const target = (times[shot.first] ?? 0) + place * length(shot);
      chosen.add(nearest(times, target, shot.first, shot.last));
    }
  }
  return fillGaps(times, chosen, count);
}

/**
 * Chooses more frames inside passages: each goes into the middle of the longest stretch that is still
 * unseen, so that suspicion is closed in on from both sides.
 *
 * @param seenMs times that were looked at
 * @returns indices into `times` of the new frames alone, ascending
 */
export function chooseDenser(
  times: readonly number[],
  seenMs: readonly number[],
  passages: readonly Passage[],
  count: number,
): number[] {
  const seen = new Set(seenMs);
  const open = times.flatMap((time, index) =>
    !seen.has(time) && passages.some(({ fromMs, toMs }) => time >= fromMs && time <= toMs)
      ? [index]
      : [],
  );
  if (open.length <= count) return open;
  const free = new Set(open);
  const taken = new Set(times.map((_, index) => index).filter((index) => !free.has(index)));
  return fillGaps(times, taken, taken.size + count).filter((index) => free.has(index));
}

/** The plain plan of a budget: without cuts to go by, evenly spaced. */
export function chooseFor(
  times: readonly number[],
  shotStarts: readonly number[] | undefined,
  count: number,
): number[] {
  return shotStarts === undefined
    ? chooseFrames(times, count)
    : chooseByShots(times, shotStarts, count);
}
