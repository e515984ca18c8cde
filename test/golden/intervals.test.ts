import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clusterBootstrap, shareOf } from '../../src/metrics/bootstrap.ts';
import { bcaInterval, percentileInterval } from '../../src/metrics/bootstrap-interval.ts';
import { clopperPearson, clopperPearsonUpper } from '../../src/metrics/clopper-pearson.ts';
import { clusteredStandardError } from '../../src/metrics/clustered-error.ts';
import { mixtureInterval } from '../../src/metrics/confidence-sequence.ts';
import { createFamilyTable, forEachRow, sumsOf } from '../../src/metrics/family-table.ts';
import { studentQuantile } from '../../src/metrics/quantile.ts';
import {
  betaQuantile,
  binomialCdf,
  binomialPmf,
  studentTwoSidedP,
} from '../../src/metrics/special.ts';
import { wilson } from '../../src/metrics/wilson.ts';
import { expectClose, limits, numbers, readGolden } from './read-golden.ts';

const number = z.number();

function tableOf(families: readonly (readonly number[])[]) {
  const builder = createFamilyTable(2);
  for (const family of families) builder.add(family);
  return builder.table();
}

describe('special functions against scipy', () => {
  const cases = readGolden(
    'special',
    z.object({
      betaQuantile: z.array(z.object({ p: number, a: number, b: number, value: number })),
      binomial: z.array(z.object({ k: number, n: number, p: number, cdf: number, pmf: number })),
      studentP: z.array(z.object({ t: number, df: number, p: number })),
      studentQuantile: z.array(z.object({ p: number, df: number, value: number })),
    }),
  );
  it('beta quantile, also relative to its size', () => {
    for (const { p, a, b, value } of cases.betaQuantile) {
      expectClose(betaQuantile(p, a, b), value);
      expectClose(betaQuantile(p, a, b) / value, 1, 2e-8);
    }
  });
  it('binomial', () => {
    for (const { k, n, p, cdf, pmf } of cases.binomial) {
      expectClose(binomialCdf(k, n, p), cdf);
      expectClose(binomialPmf(k, n, p), pmf);
    }
  });
  it("Student's t", () => {
    for (const { t, df, p } of cases.studentP) expectClose(studentTwoSidedP(t, df), p);
    for (const { p, df, value } of cases.studentQuantile) {
      expectClose(studentQuantile(p, df), value);
    }
  });
});

it('Wilson and Clopper–Pearson against statsmodels', () => {
  const cases = readGolden(
    'proportions',
    z.array(
      z.object({
        k: number,
        n: number,
        confidence: number,
        clopperPearson: limits,
        clopperPearsonUpper: number,
        wilson: limits,
      }),
    ),
  );
  expect(cases.length).toBeGreaterThan(100);
  for (const { k, n, confidence, ...expected } of cases) {
    const exact = clopperPearson(k, n, { confidence });
    expectClose(exact.low, expected.clopperPearson[0]);
    expectClose(exact.high, expected.clopperPearson[1]);
    expectClose(clopperPearsonUpper(k, n, { confidence }), expected.clopperPearsonUpper);
    const score = wilson(k, n, { confidence });
    expectClose(score.low, expected.wilson[0]);
    expectClose(score.high, expected.wilson[1]);
  }
});

it('clustered standard errors against statsmodels', () => {
  const cases = readGolden(
    'clustered',
    z.array(z.object({ families: z.array(numbers), share: number, se: number })),
  );
  for (const { families, share, se } of cases) {
    const sums = sumsOf(tableOf(families));
    expectClose(sums.successes / sums.trials, share);
    expectClose(clusteredStandardError(sums) ?? Number.NaN, se);
  }
});

describe('the cluster bootstrap against scipy', () => {
  const cases = readGolden(
    'bootstrap',
    z.array(
      z.object({
        families: z.array(numbers),
        replicates: numbers,
        percentile: limits,
        bca: limits,
        bcaOf40000: limits,
        standardErrorOf40000: number,
      }),
    ),
  );

  it('makes the same intervals from the same replicates', () => {
    for (const { families, replicates, percentile, bca } of cases) {
      const table = tableOf(families);
      const sorted = Float64Array.from(replicates).sort();
      const share = shareOf(0, 1);
      const jackknife: { value: number; times: number }[] = [];
      forEachRow(table, (counts, times) => {
        const without = table.totals.map((total, at) => total - (counts[at] ?? 0));
        jackknife.push({ value: share(without), times });
      });
      const ours = percentileInterval(sorted, 0.95);
      expectClose(ours.low, percentile[0]);
      expectClose(ours.high, percentile[1]);
      const corrected = bcaInterval(sorted, share(table.totals), jackknife, 0.95);
      expectClose(corrected?.low ?? Number.NaN, bca[0]);
      expectClose(corrected?.high ?? Number.NaN, bca[1]);
    }
  });

  it('draws as scipy does, within the error of 40,000 resamples', () => {
    for (const { families, bcaOf40000, standardErrorOf40000 } of cases) {
      const [ours] = clusterBootstrap(tableOf(families), [shareOf(0, 1)], {
        seed: 8,
        resamples: 40_000,
      });
      // A 2.5 % quantile of 40,000 normal replicates has an error of .013 standard errors.
      const error = 0.08 * standardErrorOf40000;
      expectClose(ours?.standardError ?? Number.NaN, standardErrorOf40000, error);
      expectClose(ours?.bca?.low ?? Number.NaN, bcaOf40000[0], error);
      expectClose(ours?.bca?.high ?? Number.NaN, bcaOf40000[1], error);
    }
  });
});

it('confidence sequences against roots found by scipy', () => {
  const cases = readGolden(
    'sequences',
    z.array(z.object({ sum: number, n: number, low: number, high: number })),
  );
  for (const { sum, n, low, high } of cases) {
    const ours = mixtureInterval(sum, n);
    expectClose(ours.low, low);
    expectClose(ours.high, high);
  }
});
