import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ngramDistance } from '../../src/core/ngram-distance.ts';
import { comparePaired } from '../../src/metrics/compare-paired.ts';
import { addFamilies, NO_FAMILIES } from '../../src/metrics/family-sums.ts';
import { createFamilyTable } from '../../src/metrics/family-table.ts';
import { gradeAgainstShare } from '../../src/metrics/grade.ts';
import { tilt } from '../../src/metrics/mover.ts';
import { weightedShare } from '../../src/metrics/weighted-share.ts';
import { wilson } from '../../src/metrics/wilson.ts';
import { defined, expectClose, limits, numbers, readGolden } from './read-golden.ts';

const number = z.number();

it('shares weighted back against statsmodels', () => {
  const cases = readGolden(
    'weighted',
    z.array(
      z.object({
        items: z.array(z.object({ family: z.string(), weight: number, success: z.boolean() })),
        value: number,
        effective: number,
        low: number,
        high: number,
      }),
    ),
  );
  for (const { items, ...expected } of cases) {
    const ours = defined(weightedShare(items));
    expectClose(ours.value, expected.value);
    expectClose(ours.effective ?? Number.NaN, expected.effective);
    expectClose(ours.ciLow, expected.low);
    expectClose(ours.ciHigh, expected.high);
  }
});

describe('differences', () => {
  const cases = readGolden(
    'differences',
    z.object({
      independent: z.array(
        z.object({ k1: number, n1: number, k2: number, n2: number, low: number, high: number }),
      ),
      clustered: z.array(
        z.object({
          families: z.array(numbers),
          difference: number,
          bcaOf40000: limits,
          standardErrorOf40000: number,
          pValue: number,
        }),
      ),
    }),
  );

  it("by MOVER are Newcombe's where the two shares are independent", () => {
    const rate = (k: number, n: number) => {
      const { low, high } = wilson(k, n);
      return {
        numerator: k,
        denominator: n,
        rate: k / n,
        ciLow: low,
        ciHigh: high,
        boundLow: k / n,
        boundHigh: k / n,
        method: 'wilson',
      };
    };
    for (const { k1, n1, k2, n2, low, high } of cases.independent) {
      const pair = { first: rate(k1, n1), second: rate(k2, n2), correlation: 0, basis: 'test' };
      const ours = defined(tilt(pair));
      expectClose(ours.ciLow, low);
      expectClose(ours.ciHigh, high);
    }
  });

  it('of families asked twice are drawn as scipy does, and tested by t', () => {
    for (const {
      families,
      difference,
      bcaOf40000,
      standardErrorOf40000,
      pValue,
    } of cases.clustered) {
      const builder = createFamilyTable(4);
      for (const row of families) builder.add(row);
      const ours = defined(comparePaired(builder.table(), { seed: 8, resamples: 40_000 }));
      expect(ours.test).toBe('clustered t');
      expectClose(ours.pValue, pValue);
      const estimate = defined(ours.difference);
      expectClose(estimate.value, difference);
      // A 2.5 % quantile of 40,000 normal replicates has an error of .013 standard errors.
      const error = 0.08 * standardErrorOf40000;
      expectClose(estimate.ciLow, bcaOf40000[0], error);
      expectClose(estimate.ciHigh, bcaOf40000[1], error);
    }
  });
});

it('the bound that a grade must clear against scipy', () => {
  const cases = readGolden('grades', z.array(z.object({ k: number, n: number, upper: number })));
  for (const { k, n, upper } of cases) {
    const sums = addFamilies(addFamilies(NO_FAMILIES, 1, 1, k), 1, 0, n - k);
    expectClose(defined(gradeAgainstShare(sums, 0.1)).unsafe.upper ?? Number.NaN, upper);
  }
});

it('distances of shown to wanted text', () => {
  const cases = readGolden(
    'distances',
    z.array(z.object({ shown: z.string(), wanted: z.string(), distance: number })),
  );
  for (const { shown, wanted, distance } of cases) {
    expect(ngramDistance(shown, wanted)).toBe(distance);
  }
});
