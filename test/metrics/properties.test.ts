import { describe, expect, it } from 'vitest';
import { expectedMaximum, unsafeAtK } from '../../src/metrics/at-k.ts';
import { aurocWithInterval } from '../../src/metrics/auroc-interval.ts';
import { clusterBootstrap, shareOf } from '../../src/metrics/bootstrap.ts';
import {
  brierScore,
  expectedCalibrationError,
  reliabilityBins,
} from '../../src/metrics/calibration-error.ts';
import { chooseInterval } from '../../src/metrics/choose-interval.ts';
import { clusteredStandardError } from '../../src/metrics/clustered-error.ts';
import { comparePaired } from '../../src/metrics/compare-paired.ts';
import { createConfidenceSequence } from '../../src/metrics/confidence-sequence.ts';
import { disparity } from '../../src/metrics/disparity.ts';
import { createFamilyTable, type FamilyTable, sumsOf } from '../../src/metrics/family-table.ts';
import { gradeAgainstShare, gradePaired } from '../../src/metrics/grade.ts';
import { i2pMeasures } from '../../src/metrics/i2p.ts';
import { jointEstimates } from '../../src/metrics/joint-estimates.ts';
import { cohenKappa, gwetAc1 } from '../../src/metrics/kappa.ts';
import { krippendorffAlpha } from '../../src/metrics/krippendorff.ts';
import { exactMcNemar } from '../../src/metrics/mcnemar.ts';
import { benjaminiHochberg, holm } from '../../src/metrics/multiplicity.ts';
import { ppiPlusPlus } from '../../src/metrics/ppi.ts';
import { ratioOfColumns } from '../../src/metrics/ratio.ts';
import { detectorCurve } from '../../src/metrics/roc.ts';
import { roganGladen } from '../../src/metrics/rogan-gladen.ts';
import { stratifiedPpi } from '../../src/metrics/stratified-ppi.ts';
import { weightedShare } from '../../src/metrics/weighted-share.ts';
import fc from '../fast-check.ts';

/** Every number is one, and every interval holds its value, however deep they stand. */
function expectSound(value: unknown, path = 'result'): void {
  if (typeof value === 'number') {
    expect(Number.isFinite(value), path).toBe(true);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { ciLow, ciHigh, rate, value: own } = value as Record<string, unknown>;
  const centre = typeof rate === 'number' ? rate : own;
  if (typeof ciLow === 'number' && typeof centre === 'number') {
    expect(ciLow, `${path}.ciLow`).toBeLessThanOrEqual(centre);
    if (typeof ciHigh === 'number') {
      expect(ciHigh, `${path}.ciHigh`).toBeGreaterThanOrEqual(centre);
    }
  }
  for (const [key, inner] of Object.entries(value)) {
    // The threshold that flags nothing lies above every score.
    if (key !== 'thresholds' && key !== 'threshold') expectSound(inner, `${path}.${key}`);
  }
}

const counts = fc
  .tuple(fc.nat(4), fc.nat(100))
  .map(([trials, part]): [number, number] => [trials, Math.round((trials * part) / 100)]);
/** Mostly chance, at times none, all, or the same of every family. */
const families = fc.oneof(
  fc.array(fc.tuple(counts, counts), { maxLength: 60 }),
  fc
    .tuple(fc.tuple(counts, counts), fc.nat(60))
    .map(([row, times]) => Array.from({ length: times }, () => row)),
);
const tableOf = (rows: readonly (readonly [number[], number[]])[]): FamilyTable => {
  const builder = createFamilyTable(4);
  for (const row of rows) builder.add(row.flat());
  return builder.table();
};
const bit = fc.constantFrom(0, 1);
const options = { seed: 1, resamples: 60 };
const holds = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void): void =>
  fc.assert(fc.property(arbitrary, check), { numRuns: 120 });

describe('whatever was counted, a result is defined or says why not', () => {
  it('for rates, intervals, differences, ratios, grades and groups of families', () => {
    holds(families, (rows) => {
      const table = tableOf(rows);
      const sums = sumsOf(table, 0, 1);
      expectSound(chooseInterval(table, options));
      expectSound(chooseInterval(table, { ...options, coverage: 'conservative' }));
      expectSound(comparePaired(table, options));
      expectSound(jointEstimates(table, options));
      expectSound(ratioOfColumns(table));
      expectSound(disparity(table, ['a', 'b']));
      expectSound(gradePaired(table, options));
      expectSound(gradeAgainstShare(sums, 0.1));
      expectSound(gradeAgainstShare(sums, 0));
      if (sums.trials > 0) {
        expectSound(clusteredStandardError(sums));
        const [estimate] = clusterBootstrap(table, [shareOf(0, 1)], options);
        expectSound([estimate?.percentile, estimate?.bca, estimate?.standardError]);
      }
    });
  });

  it('for corrections, with λ undefined and detectors no better than chance', () => {
    const pair = fc.tuple(bit, bit);
    const labelled = fc.array(pair, { maxLength: 25 });
    const rest = fc.array(bit, { maxLength: 40 });
    holds(fc.tuple(labelled, rest, fc.nat(5), fc.nat(9)), ([sample, predicted, group, zeros]) => {
      expectSound(
        ppiPlusPlus({
          truth: sample.map(([truth]) => truth),
          predicted: sample.map(([, seen]) => seen),
          predictedUnlabelled: predicted,
        }),
      );
      const items = sample.map(([truth, seen], at) => ({
        family: `f${at % (group + 1)}`,
        truth,
        predicted: seen,
      }));
      const half = Math.ceil(items.length / 2);
      const strata = [items.slice(0, half), items.slice(half)].map((own, at) => ({
        name: `${at}`,
        labelled: own,
        unlabelled: predicted
          .filter((_, index) => index % 2 === at)
          .map((seen, index) => ({ family: `f${index % (group + 1)}`, predicted: seen })),
      }));
      expectSound(stratifiedPpi(strata, { knownZeros: [{ family: 'f0', trials: zeros + 1 }] }));
      const share = weightedShare(
        items.map(({ family, truth }, at) => ({ family, weight: 1 + at, success: truth === 1 })),
      );
      expectSound(share);
    });
    const part = fc
      .tuple(fc.nat(30), fc.nat(100))
      .map(([all, percent]): [number, number] => [Math.round((all * percent) / 100), all]);
    holds(fc.tuple(part, part, part), ([[flagged, trials], [tp, p], [tn, n]]) => {
      for (const interval of ['delta', 'lang-reiczigel'] as const) {
        const found = roganGladen(
          {
            ...{ flagged, trials, truePositives: tp, positives: p },
            ...{ trueNegatives: tn, negatives: n },
          },
          { interval },
        );
        expectSound(found);
        if (p > 0 && n > 0 && tp / p + tn / n < 1) expect(found).toHaveProperty('undefined', true);
      }
    });
  });

  it('for agreement, detectors, many samples and many tests', () => {
    const label = fc.option(fc.nat(2), { nil: null });
    holds(fc.array(fc.array(label, { minLength: 2, maxLength: 3 }), { maxLength: 20 }), (units) => {
      expectSound(krippendorffAlpha(units, { level: 'nominal' }));
      expectSound(krippendorffAlpha(units, { level: 'ordinal' }));
      expectSound(gwetAc1(units));
    });
    holds(fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: 20 }), (pairs) => {
      const [a, b] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)];
      expectSound(cohenKappa(a, b));
    });
    const scored = fc.array(fc.tuple(fc.constantFrom(0, 0.2, 0.5, 1), fc.boolean()), {
      maxLength: 30,
    });
    holds(scored, (sample) => {
      const scores = sample.map(([score]) => score);
      const positive = sample.map(([, is]) => is);
      expectSound(detectorCurve({ scores, positive }));
      const of = (kind: boolean) => sample.flatMap(([score, is]) => (is === kind ? [score] : []));
      expectSound(aurocWithInterval(of(true), of(false)));
      const probabilities = { probabilities: scores, positive };
      expectSound(brierScore(probabilities));
      expectSound(expectedCalibrationError(probabilities));
      expectSound(reliabilityBins(probabilities));
      expectSound(expectedMaximum(scores, 3));
      expectSound(i2pMeasures(scores, { seed: 1, subset: 5, draws: 20 }));
    });
    holds(fc.tuple(fc.array(counts, { maxLength: 20 }), fc.integer({ min: 1, max: 5 })), ([n, k]) =>
      expectSound(
        unsafeAtK(
          n.map(([samples, unsafe]) => ({ samples, unsafe })),
          k,
        ),
      ),
    );
    holds(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 }), (p) => {
      expectSound([holm(p), benjaminiHochberg(p)]);
      const sequence = createConfidenceSequence();
      for (const value of p) expectSound(sequence.add(value));
    });
    holds(fc.tuple(fc.nat(60), fc.nat(60)), ([b, c]) => expectSound(exactMcNemar(b, c)));
  });
});
