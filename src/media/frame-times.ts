/**
 * Chooses which frames to look at: evenly spaced over presentation time, first and last included.
 * Where frames come unevenly and several targets fall on one frame, what is left of the budget goes
 * into the middle of the longest passages that are still unseen.
 *
 * @param times presentation times, ascending and distinct, any unit
 * @param count at least 2; fewer frames than that are all taken
 * @returns indices into `times`, ascending
 */
export function chooseFrames(times: readonly number[], count: number): number[] {
  if (times.length <= count) return times.map((_, index) => index);
  const first = times[0] ?? 0;
  const span = (times.at(-1) ?? first) - first;
  const chosen = new Set<number>();
  for (let k = 0; k < count; k++) {
    chosen.add(nearest(times, first + (span * k) / (count - 1), 0, times.length - 1));
  }
  return fillGaps(times, chosen, count);
}

/**
 * Spends what is left of a budget in the middle of the longest passages that are still unseen.
 *
 * @param chosen indices into `times`; added to
 */
export function fillGaps(times: readonly number[], chosen: Set<number>, count: number): number[] {
  while (chosen.size < count) {
    const gap = longestUnseenGap(times, [...chosen].sort(ascending));
    if (gap === undefined) break;
    const [from, to] = gap;
    const middle = ((times[from] ?? 0) + (times[to] ?? 0)) / 2;
    chosen.add(nearest(times, middle, from + 1, to - 1));
  }
  return [...chosen].sort(ascending);
}

/**
 * Longest passage in which no frame was looked at, the ends of the video included: a first or last
 * frame that could not be decoded lengthens it.
 *
 * @param endTime presentation time of the last frame that the video has
 */
export function largestGap(sampled: readonly number[], endTime: number): number {
  const points = [0, ...sampled, endTime];
  return points.reduce((largest, time, k) => Math.max(largest, time - (points[k - 1] ?? time)), 0);
}

/** To whole microseconds: what a container's clock can mean, without binary dust. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function ascending(a: number, b: number): number {
  return a - b;
}

/** Index in `low..high` whose time is nearest; the earlier one of two equally near. */
export function nearest(
  times: readonly number[],
  target: number,
  low: number,
  high: number,
): number {
  let left = low;
  let right = high;
  while (left < right) {
    const middle = (left + right) >> 1;
    if ((times[middle] ?? 0) < target) left = middle + 1;
    else right = middle;
  }
  const before = left - 1;
  if (before < low) return left;
  return target - (times[before] ?? 0) <= (times[left] ?? 0) - target ? before : left;
}

/** Neighbours in `chosen` with unseen frames between them that lie furthest apart in time. */
function longestUnseenGap(
  times: readonly number[],
  chosen: readonly number[],
): readonly [number, number] | undefined {
  let longest: readonly [number, number] | undefined;
  let length = -1;
  for (let k = 1; k < chosen.length; k++) {
    const from = chosen[k - 1] ?? 0;
    const to = chosen[k] ?? 0;
    const passage = (times[to] ?? 0) - (times[from] ?? 0);
    if (to - from > 1 && passage > length) {
      longest = [from, to];
      length = passage;
    }
  }
  return longest;
}
