import { describe, expect, it } from 'vitest';
import { chooseByShots, chooseDenser } from '../../src/media/sampling-plan.ts';

const TIMES = Array.from({ length: 101 }, (_, k) => k * 40);

describe('chooseByShots', () => {
  it('looks at every shot twice where the budget allows, the ends included', () => {
    // Two long shots and one of half a second between them.
    const chosen = chooseByShots(TIMES, [1600, 2080], 8);
    expect(chosen).toHaveLength(8);
    expect(chosen[0]).toBe(0);
    expect(chosen.at(-1)).toBe(100);
    for (const [first, last] of [
      [0, 39],
      [40, 51],
      [52, 100],
    ] as const) {
      expect(chosen.filter((at) => at >= first && at <= last).length).toBeGreaterThanOrEqual(2);
    }
  });

  it('takes the middle of the longest shots where there are too many', () => {
    const starts = Array.from({ length: 19 }, (_, k) => (k + 1) * 200);
    const chosen = chooseByShots(TIMES, starts, 6);
    expect(chosen).toHaveLength(6);
    expect(chosen[0]).toBe(0);
    expect(chosen.at(-1)).toBe(100);
  });

  it('is the uniform plan in spirit where there is no cut', () => {
    expect(chooseByShots(TIMES, [], 4)).toEqual([0, 25, 75, 100]);
    expect(chooseByShots([0, 40], [40], 16)).toEqual([0, 1]);
  });
});

describe('chooseDenser', () => {
  const seen = [0, 1000, 2000, 3000, 4000];

  it('closes in on a passage from both sides, and leaves the rest alone', () => {
    const chosen = chooseDenser(TIMES, seen, [{ fromMs: 1000, toMs: 3000 }], 2);
    expect(chosen.map((index) => TIMES[index])).toEqual([1480, 2480]);
  });

  it('takes all that is new where there is less than the budget', () => {
    expect(chooseDenser(TIMES, seen, [{ fromMs: 0, toMs: 120 }], 16)).toEqual([1, 2, 3]);
    expect(chooseDenser(TIMES, seen, [], 16)).toEqual([]);
  });
});
