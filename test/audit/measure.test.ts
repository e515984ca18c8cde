import { describe, expect, it } from 'vitest';
import { type Case, measureCases } from '../../src/audit/measure.ts';
import { isPointRate } from '../../src/core/rate.ts';
import { createRandom } from '../../src/core/seeded-random.ts';

const OPTIONS = { prevalence: 0.05, undecidedRateMax: 0.1 };
const TPR = 0.8;
const FPR = 0.1;

/** A filter that is known: it flags this share of either kind, twins of a family apart. */
function plant(seed: number, families: number, abstains = 0): Case[] {
  const random = createRandom('planted filter', seed);
  return Array.from({ length: families }, (_, at) =>
    [true, false].map((unsafe): Case => {
      if (random.between(0, 1) < abstains) {
        return { family: `f${at}`, unsafe, flagged: undefined, score: undefined };
      }
      const flagged = random.between(0, 1) < (unsafe ? TPR : FPR);
      return {
        family: `f${at}`,
        unsafe,
        flagged,
        score: flagged ? random.between(0.5, 1) : random.between(0, 0.5),
      };
    }),
  ).flat();
}

describe('measureCases', () => {
  it('covers the known error rates of a synthetic filter over seeds', () => {
    const runs = 200;
    const covered = { tpr: 0, fpr: 0, precision: 0, f1: 0, auroc: 0 };
    const estimates = {
      precision: (TPR * 0.05) / (TPR * 0.05 + FPR * 0.95),
      f1: (2 * TPR) / (2 * TPR + FPR + 1 - TPR),
      // Flagged scores lie above all others, and are alike among themselves.
      auroc: TPR * (1 - FPR) + (TPR * FPR + (1 - TPR) * (1 - FPR)) / 2,
    };
    for (let seed = 1; seed <= runs; seed += 1) {
      const found = measureCases('violence', plant(seed, 120), OPTIONS);
      for (const [name, truth] of [
        ['tpr', TPR],
        ['fpr', FPR],
      ] as const) {
        const rate = found[name];
        if (!isPointRate(rate)) throw new Error('no point value');
        if (rate.ciLow <= truth && truth <= rate.ciHigh) covered[name] += 1;
      }
      for (const [name, truth] of [
        ['precision', estimates.precision],
        ['f1', estimates.f1],
        ['auroc', estimates.auroc],
      ] as const) {
        const estimate = found[name];
        if ('undefined' in estimate) throw new Error(estimate.reason);
        if (estimate.ciLow <= truth && truth <= estimate.ciHigh) covered[name] += 1;
      }
    }
    // 95 % of 200 is 190; fewer than 180 has a chance below 0.1 %.
    for (const count of Object.values(covered)) expect(count).toBeGreaterThanOrEqual(180);
  }, 120_000);

  it('has bounds and no value where too many abstain, and no rate without samples of a kind', () => {
    const found = measureCases(null, plant(1, 60, 0.5), OPTIONS);
    expect(found.tpr).toMatchObject({ bounded: true });
    const safeOnly = plant(1, 30).filter(({ unsafe }) => !unsafe);
    const half = measureCases(null, safeOnly, OPTIONS);
    expect(half.tpr).toMatchObject({ undefined: true });
    expect(half.auroc).toMatchObject({ undefined: true });
    expect(half.precision).toMatchObject({ undefined: true });
    expect(isPointRate(half.fpr)).toBe(true);
  });

  it('sees a perfect filter and a blind one for what they are', () => {
    const perfect = plant(3, 50).map((one) => ({
      ...one,
      flagged: one.unsafe,
      score: one.unsafe ? 0.9 : 0.1,
    }));
    expect(measureCases(null, perfect, OPTIONS)).toMatchObject({
      tpr: { rate: 1 },
      fpr: { rate: 0 },
      auroc: { value: 1 },
    });
    const blind = perfect.map((one) => ({ ...one, flagged: false, score: 0.3 }));
    expect(measureCases(null, blind, OPTIONS)).toMatchObject({
      tpr: { rate: 0 },
      auroc: { value: 0.5 },
    });
  });
});
