import { describe, expect, test } from 'vitest';
import { chooseFrames, largestGap } from '../../src/media/frame-times.ts';
import fc from '../fast-check.ts';

const evenly = (count: number): number[] => Array.from({ length: count }, (_, k) => k * 40);

describe('chooseFrames', () => {
  test('takes all of few frames', () => {
    expect(chooseFrames([0], 16)).toEqual([0]);
    expect(chooseFrames(evenly(3), 3)).toEqual([0, 1, 2]);
  });

  test('spaces frames evenly from the first to the last', () => {
    expect(chooseFrames(evenly(101), 5)).toEqual([0, 25, 50, 75, 100]);
    expect(chooseFrames(evenly(100), 2)).toEqual([0, 99]);
  });

  test('goes by time where frames come unevenly, and spends what is left on unseen passages', () => {
    const times = [0, 10_000, ...Array.from({ length: 100 }, (_, k) => 10_010 + k * 10)];
    const chosen = chooseFrames(times, 8);
    expect(chosen).toHaveLength(8);
    expect(chosen.slice(0, 2)).toEqual([0, 1]);
    expect(chosen.at(-1)).toBe(101);
  });

  test('holds for any times and counts', () => {
    const times = fc
      .uniqueArray(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 200 })
      .map((values) => values.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 40 }), (sorted, count) => {
        const chosen = chooseFrames(sorted, count);
        expect(chosen).toHaveLength(Math.min(count, sorted.length));
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen[0]).toBe(0);
        expect(chosen.at(-1)).toBe(sorted.length - 1);
        expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
      }),
      { seed: 7 },
    );
  });
});

describe('largestGap', () => {
  test('is the longest passage between samples', () => {
    expect(largestGap([0, 100, 400, 500], 500)).toBe(300);
    expect(largestGap([0], 0)).toBe(0);
  });

  test('grows by ends that could not be decoded', () => {
    expect(largestGap([200, 300], 300)).toBe(200);
    expect(largestGap([0, 100], 900)).toBe(800);
  });
});
