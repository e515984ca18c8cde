import { describe, expect, it } from 'vitest';
import { aurocWithInterval, delongVariance } from '../../src/metrics/auroc-interval.ts';
import {
  brierScore,
  expectedCalibrationError,
  reliabilityBins,
} from '../../src/metrics/calibration-error.ts';
import { cohenKappa, gwetAc1 } from '../../src/metrics/kappa.ts';
import { krippendorffAlpha } from '../../src/metrics/krippendorff.ts';
import {
  detectorCurve,
  pointAtFalsePositiveRate,
  precisionAtPrevalence,
} from '../../src/metrics/roc.ts';
import { defined } from '../golden/read-golden.ts';

describe('agreement', () => {
  it('is 1 in full agreement', () => {
    const units = [
      [0, 0],
      [1, 1],
      [2, 2],
    ];
    for (const level of ['nominal', 'ordinal'] as const) {
      expect(defined(krippendorffAlpha(units, { level })).value).toBe(1);
    }
    expect(defined(gwetAc1(units)).value).toBe(1);
    expect(defined(cohenKappa([0, 1, 2], [0, 1, 2])).value).toBe(1);
  });

  it('is undefined where all labels are one, or nobody labelled twice', () => {
    for (const units of [
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, null],
        [null, 0],
      ],
      [],
    ]) {
      expect(krippendorffAlpha(units, { level: 'nominal' })).toHaveProperty('undefined');
      expect(gwetAc1(units)).toHaveProperty('undefined');
    }
    expect(cohenKappa([1, 1], [1, 1])).toHaveProperty('undefined');
    expect(cohenKappa([], [])).toHaveProperty('undefined');
  });

  it('lets AC1 see agreement on a rare label that κ misses', () => {
    const first = [...Array<number>(95).fill(0), 1, 1, 1, 0, 0];
    const second = [...Array<number>(95).fill(0), 0, 0, 1, 1, 1];
    expect(defined(cohenKappa(first, second)).value).toBeLessThan(0.4);
    const units = first.map((code, at) => [code, second[at] ?? null]);
    expect(defined(gwetAc1(units)).value).toBeGreaterThan(0.9);
    // With a code that could have been given and was not, all labels alike is agreement.
    expect(
      defined(
        gwetAc1(
          [
            [0, 0],
            [0, 0],
          ],
          { categories: 2 },
        ),
      ).value,
    ).toBe(1);
  });

  it('refuses NaN and lists of different length', () => {
    expect(() => krippendorffAlpha([[1, Number.NaN]], { level: 'nominal' })).toThrow(RangeError);
    expect(() => gwetAc1([[1, Number.NaN]])).toThrow(RangeError);
    expect(() => cohenKappa([1], [1, 0])).toThrow(RangeError);
  });
});

describe('detectorCurve', () => {
  it('never splits a tie: equal scores give .5 and one step', () => {
    const curve = defined(
      detectorCurve({ scores: [1, 1, 1, 1], positive: [true, false, true, false] }),
    );
    expect(curve.auroc).toBe(0.5);
    expect(curve.points).toHaveLength(2);
    const point = pointAtFalsePositiveRate(curve, 0.05);
    expect(point).toMatchObject({ threshold: null, truePositiveRate: 0 });
    expect(precisionAtPrevalence(point, 0.1)).toHaveProperty('undefined');
  });

  it('tells precision where positives are rare', () => {
    const point = { threshold: 1, truePositiveRate: 0.9, falsePositiveRate: 0.05, precision: 0.9 };
    expect(precisionAtPrevalence(point, 0.01)).toBeCloseTo(0.009 / (0.009 + 0.0495), 12);
  });

  it('is undefined without both kinds, and refuses NaN and negative weights', () => {
    expect(detectorCurve({ scores: [1], positive: [true] })).toHaveProperty('undefined');
    expect(detectorCurve({ scores: [1], positive: [false] })).toHaveProperty('undefined');
    expect(() => detectorCurve({ scores: [Number.NaN], positive: [true] })).toThrow(RangeError);
    expect(() =>
      detectorCurve({ scores: [1, 2], positive: [true, false], weights: [1, -1] }),
    ).toThrow(RangeError);
  });
});

describe('aurocWithInterval', () => {
  it('has a width where scores separate fully, and where they do not vary', () => {
    const above = defined(aurocWithInterval([5, 6, 7], [1, 2, 3]));
    expect(above).toMatchObject({ value: 1, ciHigh: 1 });
    expect(above.ciLow).toBeLessThan(0.8);
    const below = defined(aurocWithInterval([1, 2, 3], [5, 6, 7]));
    expect(below).toMatchObject({ value: 0, ciLow: 0 });
    expect(below.ciHigh).toBeCloseTo(1 - above.ciLow, 9);
    const flat = defined(aurocWithInterval([1, 1], [1, 1]));
    expect(flat.value).toBe(0.5);
    expect(flat.ciLow).toBeLessThan(0.3);
  });
  it('is undefined without both kinds, and refuses NaN', () => {
    expect(aurocWithInterval([], [1])).toHaveProperty('undefined');
    expect(aurocWithInterval([1], [])).toHaveProperty('undefined');
    expect(delongVariance([1], [1, 2])).toBeUndefined();
    expect(() => aurocWithInterval([Number.NaN], [1])).toThrow(RangeError);
  });
});

describe('probabilities', () => {
  const none = { probabilities: [], positive: [] };
  it('have defined results for an empty sample', () => {
    expect(brierScore(none)).toHaveProperty('undefined');
    expect(expectedCalibrationError(none)).toHaveProperty('undefined');
    expect(reliabilityBins(none, { bins: 2 })).toEqual([
      { low: 0, high: 0.5, count: 0, predicted: null, observed: null, interval: null },
      { low: 0.5, high: 1, count: 0, predicted: null, observed: null, interval: null },
    ]);
  });
  it('are 0 off when perfect, and 1 when always wrong', () => {
    const right = { probabilities: [1, 0], positive: [true, false] };
    const wrong = { probabilities: [1, 0], positive: [false, true] };
    expect([brierScore(right), expectedCalibrationError(right)]).toEqual([0, 0]);
    expect([brierScore(wrong), expectedCalibrationError(wrong)]).toEqual([1, 1]);
  });
  it('refuse what is no probability', () => {
    for (const bad of [Number.NaN, 1.1, -0.1]) {
      expect(() => brierScore({ probabilities: [bad], positive: [true] })).toThrow(RangeError);
    }
    expect(() => reliabilityBins(none, { bins: 0 })).toThrow(RangeError);
  });
});
