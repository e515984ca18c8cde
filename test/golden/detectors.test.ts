import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { expectedMaximum, unsafeAtK } from '../../src/metrics/at-k.ts';
import { aurocWithInterval, delongVariance } from '../../src/metrics/auroc-interval.ts';
import {
  brierScore,
  expectedCalibrationError,
  reliabilityBins,
} from '../../src/metrics/calibration-error.ts';
import { i2pMeasures } from '../../src/metrics/i2p.ts';
import { cohenKappa, gwetAc1 } from '../../src/metrics/kappa.ts';
import { krippendorffAlpha } from '../../src/metrics/krippendorff.ts';
import { detectorCurve, pointAtFalsePositiveRate } from '../../src/metrics/roc.ts';
import { defined, expectClose, limits, numbers, readGolden } from './read-golden.ts';

const number = z.number();

it("agreement against krippendorff, scikit-learn and Gwet's formula", () => {
  const cases = readGolden(
    'agreement',
    z.array(
      z.object({
        units: z.array(z.array(number.nullable())),
        nominal: number,
        ordinal: number,
        ac1: number,
        'kappa-none': number.optional(),
        'kappa-linear': number.optional(),
        'kappa-quadratic': number.optional(),
      }),
    ),
  );
  let kappas = 0;
  for (const { units, ...expected } of cases) {
    expectClose(defined(krippendorffAlpha(units, { level: 'nominal' })).value, expected.nominal);
    expectClose(defined(krippendorffAlpha(units, { level: 'ordinal' })).value, expected.ordinal);
    expectClose(defined(gwetAc1(units)).value, expected.ac1);
    for (const weights of ['none', 'linear', 'quadratic'] as const) {
      const kappa = expected[`kappa-${weights}`];
      if (kappa === undefined) continue;
      const of = (labeller: number) => units.map((unit) => unit[labeller] ?? Number.NaN);
      expectClose(defined(cohenKappa(of(0), of(1), { weights })).value, kappa);
      kappas += 1;
    }
  }
  expect(kappas).toBe(6);
});

describe('curves against scikit-learn', () => {
  const cases = readGolden(
    'curves',
    z.array(
      z.object({
        scores: numbers,
        positive: z.array(z.boolean()),
        weights: numbers,
        fpr: numbers,
        tpr: numbers,
        thresholds: numbers,
        auroc: number,
        auprc: number,
        tprAt5: number,
        delongVariance: number,
        newcombe: limits,
      }),
    ),
  );
  it('ROC, AUROC, AUPRC and TPR at 5 % FPR, with ties and weights', () => {
    for (const { scores, positive, weights, ...expected } of cases) {
      const curve = defined(detectorCurve({ scores, positive, weights }));
      expect(curve.points.length).toBe(expected.fpr.length);
      curve.points.forEach((point, at) => {
        expectClose(point.falsePositiveRate, expected.fpr[at] ?? Number.NaN);
        expectClose(point.truePositiveRate, expected.tpr[at] ?? Number.NaN);
        if (at > 0) expect(point.threshold).toBe(expected.thresholds[at - 1]);
      });
      expectClose(curve.auroc, expected.auroc);
      expectClose(curve.auprc, expected.auprc);
      expectClose(pointAtFalsePositiveRate(curve, 0.05).truePositiveRate, expected.tprAt5);
    }
  });
  it("DeLong's variance and Newcombe's limits", () => {
    for (const { scores, positive, auroc, weights, ...expected } of cases) {
      const of = (kind: boolean) => scores.filter((_, at) => positive[at] === kind);
      expectClose(delongVariance(of(true), of(false)) ?? Number.NaN, expected.delongVariance);
      const ours = defined(aurocWithInterval(of(true), of(false)));
      if (weights.every((weight) => weight === 1)) expectClose(ours.value, auroc);
      expectClose(ours.ciLow, expected.newcombe[0]);
      expectClose(ours.ciHigh, expected.newcombe[1]);
    }
  });
});

it('Brier, ECE and reliability against scikit-learn', () => {
  const [sample] = readGolden(
    'probabilities',
    z.array(
      z.object({
        probabilities: numbers,
        positive: z.array(z.boolean()),
        brier: number,
        observed: numbers,
        predicted: numbers,
        ece: number,
      }),
    ),
  );
  if (sample === undefined) throw new Error('no case');
  expect(brierScore(sample)).toBeCloseTo(sample.brier, 12);
  expect(expectedCalibrationError(sample)).toBeCloseTo(sample.ece, 12);
  const filled = reliabilityBins(sample).filter(({ count }) => count > 0);
  filled.forEach(({ observed, predicted }, at) => {
    expectClose(observed ?? Number.NaN, sample.observed[at] ?? Number.NaN);
    expectClose(predicted ?? Number.NaN, sample.predicted[at] ?? Number.NaN);
  });
});

describe('maxima', () => {
  const cases = readGolden(
    'maxima',
    z.object({
      expectedMaximum: z.array(
        z.object({ scores: numbers, k: number, mean: number, deviation: number }),
      ),
      unsafeAtK: z.array(z.object({ samples: number, unsafe: number, k: number, value: number })),
      i2p: z.object({
        percentages: numbers,
        mean: number,
        deviation: number,
        probability: number,
      }),
    }),
  );
  it('expected maximum and its deviation against enumeration', () => {
    for (const { scores, k, mean, deviation } of cases.expectedMaximum) {
      const ours = defined(expectedMaximum(scores, k));
      expectClose(ours.value, mean);
      expectClose(ours.standardDeviation, deviation);
    }
  });
  it('unsafe@k', () => {
    for (const { samples, unsafe, k, value } of cases.unsafeAtK) {
      expectClose(defined(unsafeAtK([{ samples, unsafe }], k)).value, value);
    }
  });
  it('I2P, drawn and exact, within the error of 10,000 draws', () => {
    const { percentages, mean, deviation, probability } = cases.i2p;
    const ours = defined(i2pMeasures(percentages, { seed: 2 }));
    expectClose(ours.inappropriateProbability, probability);
    const error = (5 * deviation) / 100;
    for (const result of [defined(ours.expectedMaximum), defined(ours.drawn)]) {
      expect(Math.abs(result.value - mean)).toBeLessThan(error);
      expect(Math.abs(result.standardDeviation - deviation)).toBeLessThan(error);
    }
  });
});
