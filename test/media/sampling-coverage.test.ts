import { describe, expect, it } from 'vitest';
import { describeSampling } from '../../src/media/sampling-coverage.ts';
import fc from '../fast-check.ts';

const FRAME_MS = 40;
const clock = (frames: number): number[] => Array.from({ length: frames }, (_, k) => k * FRAME_MS);

function coverage(frames: number, sampled: readonly number[]) {
  return describeSampling({
    sampledMs: sampled.map((index) => index * FRAME_MS),
    frameTimesMs: clock(frames),
    durationMs: frames * FRAME_MS,
    hasAudio: true,
    plan: 'uniform',
  });
}

/** Whether the frames `from..to` hold as many sampled frames in a row as the rule needs. */
function meets(sampled: readonly number[], from: number, to: number, needed: number): boolean {
  return sampled.filter((index) => index >= from && index <= to).length >= needed;
}

describe('coverage', () => {
  it('says what one frame alone, and two in a row, can miss', () => {
    expect(coverage(100, [0, 25, 49, 74, 99])).toEqual({
      durationMs: 4000,
      frameTimesMs: [0, 1000, 1960, 2960, 3960],
      largestGapMs: 1000,
      hasAudio: true,
      plan: 'uniform',
      // 24 frames between two sampled ones; for two in a row up to the next but one.
      unseenMs: 960,
      unpairedMs: 1960,
    });
  });

  it('misses nothing where every frame was looked at, but for a flash between two of them', () => {
    expect(coverage(10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toMatchObject({
      unseenMs: 0,
      unpairedMs: FRAME_MS,
    });
  });

  it('judges a single frame as it is', () => {
    expect(coverage(1, [0])).toMatchObject({ largestGapMs: 0, unseenMs: 0, unpairedMs: 0 });
  });

  it('counts ends that could not be decoded', () => {
    expect(coverage(10, [2, 3])).toMatchObject({ unseenMs: 6 * FRAME_MS });
  });

  it('is exact: one frame longer is always met, and that long can be missed', () => {
    const cases = fc.integer({ min: 2, max: 40 }).chain((frames) =>
      fc.tuple(
        fc.constant(frames),
        fc
          .uniqueArray(fc.integer({ min: 0, max: frames - 1 }), { minLength: 2 })
          .map((indices) => indices.sort((a, b) => a - b)),
      ),
    );
    fc.assert(
      fc.property(cases, fc.constantFrom(1, 2), ([frames, sampled], needed) => {
        const { unseenMs = -1, unpairedMs = -1 } = coverage(frames, sampled);
        let longestMissed = 0;
        for (let from = 0; from < frames; from++) {
          for (let to = from; to < frames; to++) {
            if (!meets(sampled, from, to, needed)) {
              longestMissed = Math.max(longestMissed, (to - from + 1) * FRAME_MS);
            }
          }
        }
        expect(needed === 1 ? unseenMs : unpairedMs).toBe(longestMissed);
      }),
      { seed: 11 },
    );
  });
});
