import { describe, expect, it } from 'vitest';
import { weightedShare } from '../../src/metrics/weighted-share.ts';

const item = (family: string, success: boolean, weight = 1) => ({ family, success, weight });
const value = (share: ReturnType<typeof weightedShare>) => {
  if ('undefined' in share) throw new Error(share.reason);
  return share;
};

describe('a share weighted back', () => {
  it('is the plain share for equal weights, with n − 1 effective trials at most', () => {
    const items = Array.from({ length: 50 }, (_, at) => item(`f${at}`, at < 10, 3));
    const share = value(weightedShare(items));
    expect(share.value).toBeCloseTo(0.2, 12);
    expect(share.effective).toBeLessThan(50);
    expect(share.effective).toBeGreaterThan(45);
    expect(share.ciLow).toBeLessThan(0.2);
    expect(share.ciHigh).toBeGreaterThan(0.2);
  });

  it('lets a member stand for as many as its weight says', () => {
    const share = value(weightedShare([item('a', true, 1), item('b', false, 3)]));
    expect(share.value).toBeCloseTo(0.25, 12);
  });

  it('is told less by families that agree with themselves, and by uneven weights', () => {
    const apart = Array.from({ length: 40 }, (_, at) => item(`f${at}`, at % 2 === 0));
    const together = apart.map((one, at) => ({ ...one, family: `f${at % 2}-${at >> 2}` }));
    const uneven = apart.map((one, at) => ({ ...one, weight: at < 4 ? 20 : 1 }));
    const plain = value(weightedShare(apart)).effective ?? 0;
    expect(value(weightedShare(together)).effective).toBeLessThan(plain);
    expect(value(weightedShare(uneven)).effective).toBeLessThan(plain / 2);
  });

  it('keeps its uncertainty where all are alike, and with one family', () => {
    const alike = value(weightedShare(Array.from({ length: 10 }, (_, at) => item(`f${at}`, true))));
    expect(alike).toMatchObject({ value: 1, ciHigh: 1 });
    expect(alike.ciLow).toBeCloseTo(0.7225, 3);
    expect(value(weightedShare([item('f', true), item('f', false)])).ciLow).toBeGreaterThan(0);
  });

  it('is undefined without members, and refuses weights that are none', () => {
    expect(weightedShare([])).toMatchObject({ undefined: true });
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => weightedShare([item('f', true, weight)])).toThrow(RangeError);
    }
  });
});
