import { describe, expect, it } from 'vitest';
import { comparePaired } from '../../src/metrics/compare-paired.ts';
import { disparity } from '../../src/metrics/disparity.ts';
import { createFamilyTable } from '../../src/metrics/family-table.ts';
import { jointEstimates } from '../../src/metrics/joint-estimates.ts';
import { exactMcNemar } from '../../src/metrics/mcnemar.ts';
import { benjaminiHochberg, holm } from '../../src/metrics/multiplicity.ts';
import {
  exactMcNemarSampleSize,
  mcNemarSampleSize,
  pairedSampleSize,
  smallestMcNemarDifference,
  smallestPairedDifference,
} from '../../src/metrics/power.ts';
import { ratioOfShares } from '../../src/metrics/ratio.ts';
import { defined } from '../golden/read-golden.ts';

type Row = readonly [counts: readonly number[], times: number];

function tableOf(rows: readonly Row[]) {
  const builder = createFamilyTable(rows[0]?.[0].length ?? 4);
  for (const [counts, times] of rows) builder.add(counts, times);
  return builder.table();
}

describe('comparePaired', () => {
  it("is McNemar's test where each family holds one answer of each", () => {
    const table = tableOf([
      [[1, 1, 1, 1], 20],
      [[1, 1, 1, 0], 30],
      [[1, 0, 1, 1], 12],
      [[1, 0, 1, 0], 38],
    ]);
    const result = defined(comparePaired(table, { seed: 1, resamples: 400 }));
    expect(result).toMatchObject({
      test: 'exact mcnemar',
      firstLarger: 30,
      secondLarger: 12,
      pValue: exactMcNemar(30, 12).pValue,
    });
    const difference = defined(result.difference);
    expect(difference.value).toBeCloseTo(0.18, 12);
    expect(difference.ciLow).toBeGreaterThan(0);
    expect(difference.method).toContain('bootstrap');
  });

  it('leaves out families that only one system answered', () => {
    const rows: Row[] = [
      [[2, 2, 2, 0], 20],
      [[2, 0, 2, 0], 30],
    ];
    const plain = comparePaired(tableOf(rows), { seed: 1 });
    const more = comparePaired(tableOf([...rows, [[2, 2, 0, 0], 99]]), { seed: 1 });
    expect(more).toEqual(plain);
  });

  it('tests clusters by t, and calls equal systems equal', () => {
    const differing = tableOf([
      [[4, 3, 4, 1], 25],
      [[4, 1, 4, 2], 15],
    ]);
    const result = defined(comparePaired(differing, { seed: 1 }));
    expect(result.test).toBe('clustered t');
    // Differences .5 (25) and −.25 (15): mean .21875, SE .0581, t = 3.764 with 39 degrees.
    expect(result.pValue).toBeCloseTo(0.000549, 5);
    const same = comparePaired(tableOf([[[4, 2, 4, 2], 40]]), { seed: 1 });
    expect(defined(same).pValue).toBe(1);
  });

  it('uses MOVER and the sign test where nothing happened', () => {
    const table = tableOf([[[4, 0, 4, 0], 30]]);
    const result = defined(comparePaired(table, { seed: 1 }));
    expect(result).toMatchObject({ test: 'exact sign test over families', pValue: 1 });
    const { value, ciLow, ciHigh, method } = defined(result.difference);
    expect(value).toBe(0);
    expect(ciLow).toBeLessThan(-0.05);
    expect(ciHigh).toBeGreaterThan(0.05);
    expect(method).toContain('mover');
  });

  it('compares shares of families with different numbers of answers', () => {
    // 1 of 2 against 2 of 4 is no difference, 2 of 4 against 1 of 1 speaks for the second.
    const table = tableOf([
      [[2, 1, 4, 2], 10],
      [[4, 2, 1, 1], 5],
    ]);
    expect(comparePaired(table, { seed: 1 })).toMatchObject({ firstLarger: 0, secondLarger: 5 });
  });

  it('is undefined without a matched family', () => {
    expect(comparePaired(tableOf([[[2, 1, 0, 0], 3]]), { seed: 1 })).toHaveProperty('undefined');
    expect(comparePaired(tableOf([]), { seed: 1 })).toHaveProperty('undefined');
  });

  it('refuses NaN and fractions among discordant pairs', () => {
    expect(() => exactMcNemar(Number.NaN, 1)).toThrow(RangeError);
    expect(() => exactMcNemar(1.5, 1)).toThrow(RangeError);
  });
});

describe('jointEstimates', () => {
  it('gives J = 0 to a system that always refuses, and to one that always complies', () => {
    for (const row of [
      [2, 2, 2, 0],
      [2, 0, 2, 2],
    ]) {
      const { youdenJ, balancedAccuracy } = jointEstimates(tableOf([[row, 40]]), { seed: 1 });
      expect(defined(youdenJ).value).toBe(0);
      expect(defined(balancedAccuracy).value).toBe(0.5);
      expect(defined(youdenJ).ciHigh).toBeGreaterThan(0.02);
    }
  });
  it('is undefined where one of the two has no trial', () => {
    const { youdenJ, utility } = jointEstimates(tableOf([[[2, 2, 0, 0], 9]]), { seed: 1 });
    expect([youdenJ, utility]).toEqual(
      Array(2).fill({ undefined: true, reason: 'no benign trial' }),
    );
  });
});

describe('ratioOfShares', () => {
  const share = (rate: number, ciLow: number, ciHigh: number) => ({ rate, ciLow, ciHigh });
  it('is undefined against 0, and has no upper limit where the other may be 0', () => {
    expect(ratioOfShares(share(0.5, 0.4, 0.6), share(0, 0, 0.1))).toHaveProperty('undefined');
    const open = defined(ratioOfShares(share(0.5, 0.4, 0.6), share(0.1, 0, 0.3)));
    expect(open.ciHigh).toBeNull();
    expect(open.ciLow).toBeGreaterThan(0);
  });
  it('narrows with correlation and holds 1 for equal shares', () => {
    const equal = share(0.3, 0.2, 0.42);
    const alone = defined(ratioOfShares(equal, equal, 0));
    const together = defined(ratioOfShares(equal, equal, 0.8));
    expect(alone.ciLow).toBeLessThan(1);
    expect(together.ciLow).toBeGreaterThan(alone.ciLow);
    expect(together.ciHigh ?? 9).toBeLessThan(alone.ciHigh ?? 0);
  });
});

describe('disparity', () => {
  const table = tableOf([
    [[2, 2, 2, 0, 0, 0], 20],
    [[2, 0, 2, 0, 0, 0], 20],
    [[2, 1, 2, 1, 0, 0], 20],
  ]);
  it('names the worst group and compares each with the reference', () => {
    const result = defined(disparity(table, ['en', 'de', 'fr'], { reference: 'de' }));
    expect(result.worst.name).toBe('en');
    expect(result.groups[0]).toMatchObject({ name: 'en', difference: { value: 0.5 - 1 / 6 } });
    expect(defined(result.gap).ciLow).toBeGreaterThan(0);
    expect(result.groups[2]).toMatchObject({ rate: { undefined: true } });
    expect(result.groups[1]?.difference).toHaveProperty('undefined');
  });
  it('warns of a group with few events, and of no other', () => {
    const rare = tableOf([
      [[2, 1, 2, 0], 40],
      [[2, 2, 2, 1], 2],
      [[2, 0, 2, 0], 40],
    ]);
    const [often, seldom] = defined(disparity(rare, ['often', 'seldom'])).groups;
    expect(often?.rate).not.toHaveProperty('warnings');
    expect(seldom?.rate).toMatchObject({ warnings: [expect.stringContaining('effective events')] });
  });
  it('compares shares, not counts', () => {
    const uneven = tableOf([
      [[8, 2, 1, 1], 10],
      [[8, 2, 1, 0], 10],
    ]);
    expect(defined(disparity(uneven, ['large', 'small'])).worst.name).toBe('small');
  });
  it('is undefined with one group, and refuses an unknown reference or wrong columns', () => {
    expect(disparity(tableOf([[[1, 1, 0, 0], 4]]), ['a', 'b'])).toHaveProperty('undefined');
    expect(() => disparity(table, ['en', 'de', 'fr'], { reference: 'fr' })).toThrow(RangeError);
    expect(() => disparity(table, ['en'])).toThrow(RangeError);
  });
});

describe('corrections and power', () => {
  it('take an empty list and refuse NaN', () => {
    expect([holm([]), benjaminiHochberg([])]).toEqual([[], []]);
    for (const correct of [holm, benjaminiHochberg]) {
      expect(() => correct([0.5, Number.NaN])).toThrow(RangeError);
    }
  });
  it('have the reference numbers', () => {
    expect(mcNemarSampleSize(0.03, { discordance: 0.1 })).toBe(870);
    expect(exactMcNemarSampleSize(0.1, { discordance: 0.2 })).toBe(168);
    expect(smallestMcNemarDifference(870, { discordance: 0.1 })).toBeCloseTo(0.03, 4);
    expect(smallestMcNemarDifference(5, { discordance: 0.1 })).toHaveProperty('undefined');
    expect(() => mcNemarSampleSize(0.3, { discordance: 0.2 })).toThrow(RangeError);
    expect(() => mcNemarSampleSize(Number.NaN, { discordance: 0.2 })).toThrow(RangeError);
  });
  it('invert the paired formula', () => {
    const spread = {
      betweenPrompts: 0.04,
      withinFirst: 0.1,
      withinSecond: 0.08,
      answersFirst: 4,
      answersSecond: 2,
    };
    expect(pairedSampleSize(smallestPairedDifference(400, spread) * 1.0000001, spread)).toBe(400);
    expect(() => pairedSampleSize(0, spread)).toThrow(RangeError);
  });
});
