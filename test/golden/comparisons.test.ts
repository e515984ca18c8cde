import { expect, it } from 'vitest';
import { z } from 'zod';
import { exactMcNemar } from '../../src/metrics/mcnemar.ts';
import { benjaminiHochberg, holm } from '../../src/metrics/multiplicity.ts';
import { exactMcNemarPower, mcNemarSampleSize } from '../../src/metrics/power.ts';
import { ppiPlusPlus } from '../../src/metrics/ppi.ts';
import { roganGladen } from '../../src/metrics/rogan-gladen.ts';
import { defined, expectClose, limits, numbers, readGolden } from './read-golden.ts';

const number = z.number();

it("McNemar's exact test against statsmodels, mid-p against scipy", () => {
  const cases = readGolden(
    'mcnemar',
    z.array(z.object({ onlyFirst: number, onlySecond: number, exact: number, mid: number })),
  );
  for (const { onlyFirst, onlySecond, exact, mid } of cases) {
    const ours = exactMcNemar(onlyFirst, onlySecond);
    expectClose(ours.pValue, exact);
    expectClose(ours.midPValue, mid);
  }
});

it('Holm and Benjamini–Hochberg against statsmodels', () => {
  const cases = readGolden(
    'multiplicity',
    z.array(z.object({ p: numbers, holm: numbers, bh: numbers })),
  );
  for (const { p, ...expected } of cases) {
    const [ours, rates] = [holm(p), benjaminiHochberg(p)];
    expect([ours.length, rates.length]).toEqual([p.length, p.length]);
    p.forEach((_, at) => {
      expectClose(ours[at] ?? Number.NaN, expected.holm[at] ?? Number.NaN);
      expectClose(rates[at] ?? Number.NaN, expected.bh[at] ?? Number.NaN);
    });
  }
});

it("power of McNemar's test against enumeration", () => {
  const cases = readGolden(
    'power',
    z.array(
      z.object({
        discordance: number,
        difference: number,
        asymptotic: number,
        exact: z.array(z.object({ n: number, power: number })),
      }),
    ),
  );
  for (const { discordance, difference, asymptotic, exact } of cases) {
    expect(mcNemarSampleSize(difference, { discordance })).toBe(asymptotic);
    for (const { n, power } of exact) {
      expectClose(exactMcNemarPower(n, difference, { discordance }), power);
    }
  }
});

it('Rogan–Gladen with both intervals', () => {
  const counts = z.object({
    flagged: number,
    trials: number,
    truePositives: number,
    positives: number,
    trueNegatives: number,
    negatives: number,
  });
  const cases = readGolden(
    'rogan-gladen',
    z.array(z.object({ counts, unclipped: number, standardError: number, langReiczigel: limits })),
  );
  for (const { counts: given, unclipped, standardError, langReiczigel } of cases) {
    const ours = defined(roganGladen(given));
    expectClose(ours.unclipped, unclipped);
    expectClose(ours.standardError, standardError);
    expectClose(ours.ciLow, langReiczigel[0]);
    expectClose(ours.ciHigh, langReiczigel[1]);
  }
});

it('PPI++ against ppi-python', () => {
  const cases = readGolden(
    'ppi',
    z.array(
      z.object({
        truth: numbers,
        predicted: numbers,
        unlabelled: numbers,
        lambda: number.nullable(),
        value: number,
        ci: limits,
      }),
    ),
  );
  for (const { truth, predicted, unlabelled, lambda, value, ci } of cases) {
    const ours = defined(
      ppiPlusPlus(
        { truth, predicted, predictedUnlabelled: unlabelled },
        lambda === null ? {} : { lambda },
      ),
    );
    expectClose(ours.value, value);
    expectClose(ours.ciLow, ci[0]);
    expectClose(ours.ciHigh, ci[1]);
  }
});
