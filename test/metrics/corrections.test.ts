import { describe, expect, it } from 'vitest';
import { ppiPlusPlus } from '../../src/metrics/ppi.ts';
import type { PpiStratum } from '../../src/metrics/ppi-influence.ts';
import { roganGladen } from '../../src/metrics/rogan-gladen.ts';
import { stratifiedPpi } from '../../src/metrics/stratified-ppi.ts';
import { wilson } from '../../src/metrics/wilson.ts';
import { defined } from '../golden/read-golden.ts';

const perfect = {
  flagged: 10,
  trials: 100,
  truePositives: 40,
  positives: 40,
  trueNegatives: 60,
  negatives: 60,
};

describe('roganGladen', () => {
  it('leaves a perfect detector’s share, with uncertainty from the error samples', () => {
    const exact = defined(roganGladen(perfect));
    expect(exact.value).toBeCloseTo(0.1, 12);
    const delta = defined(roganGladen(perfect, { interval: 'delta' }));
    expect(exact.ciLow).toBeLessThan(delta.ciLow);
    expect(delta.warnings.join()).toContain('0 or 1');
  });

  it('clips and says so', () => {
    const clipped = defined(roganGladen({ ...perfect, flagged: 1, trueNegatives: 54 }));
    expect(clipped).toMatchObject({ value: 0, ciLow: 0, clipped: true });
    expect(clipped.unclipped).toBeLessThan(0);
    expect(clipped.warnings.join()).toContain('clipped');
  });

  it.each([
    ['Se + Sp = 1', { ...perfect, truePositives: 20, trueNegatives: 30 }],
    ['Se + Sp < 1', { ...perfect, truePositives: 0, trueNegatives: 30 }],
    ['no trial', { ...perfect, flagged: 0, trials: 0 }],
    ['no known positive', { ...perfect, truePositives: 0, positives: 0 }],
    ['no known negative', { ...perfect, trueNegatives: 0, negatives: 0 }],
  ])('is undefined for %s', (_, counts) => {
    expect(roganGladen(counts)).toMatchObject({ undefined: true });
  });

  it('refuses NaN, and parts beyond their whole', () => {
    expect(() => roganGladen({ ...perfect, flagged: Number.NaN })).toThrow(RangeError);
    expect(() => roganGladen({ ...perfect, flagged: 101 })).toThrow(RangeError);
  });
});

describe('ppiPlusPlus', () => {
  it('falls back on the labels where the detector says the same of everything', () => {
    const result = defined(
      ppiPlusPlus({ truth: [0, 1, 1], predicted: [0, 0, 0], predictedUnlabelled: [0, 0] }),
    );
    expect(result.value).toBeCloseTo(2 / 3, 12);
    expect(result).toMatchObject({ lambda: 0, lambdaReason: expect.any(String) });
  });

  it('warns where the labels hold too little for its interval', () => {
    const of = (positives: number) => [...Array(positives).fill(1), ...Array(100).fill(0)];
    const predictedUnlabelled = of(50);
    const wrong = of(40).toReversed();
    const few = { truth: of(9), predicted: of(9), predictedUnlabelled };
    expect(defined(ppiPlusPlus(few)).warnings).toHaveLength(2);
    const enough = { truth: of(40), predicted: wrong, predictedUnlabelled };
    expect(defined(ppiPlusPlus(enough)).warnings).toEqual([]);
  });

  it('is undefined without labels or without the rest, and refuses NaN', () => {
    expect(ppiPlusPlus({ truth: [1], predicted: [1], predictedUnlabelled: [1] })).toHaveProperty(
      'undefined',
    );
    expect(
      ppiPlusPlus({ truth: [1, 0], predicted: [1, 0], predictedUnlabelled: [] }),
    ).toHaveProperty('undefined');
    expect(() =>
      ppiPlusPlus({ truth: [1, Number.NaN], predicted: [1, 0], predictedUnlabelled: [1] }),
    ).toThrow(RangeError);
  });
});

describe('stratifiedPpi', () => {
  const media = (from: number, predictions: readonly number[]) =>
    predictions.map((predicted, at) => ({ family: `f${from + at}`, predicted }));
  const labelled = (from: number, pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([predicted, truth], at) => ({ family: `f${from + at}`, predicted, truth }));
  const stratum: PpiStratum = {
    name: 'all',
    labelled: labelled(0, [
      ...Array<[number, number]>(14).fill([1, 1]),
      ...Array<[number, number]>(4).fill([1, 0]),
      ...Array<[number, number]>(2).fill([0, 1]),
      ...Array<[number, number]>(40).fill([0, 0]),
    ]),
    unlabelled: media(100, [...Array<number>(60).fill(1), ...Array<number>(140).fill(0)]),
  };

  it('lies with one stratum of independent media near PPI++', () => {
    const ours = defined(stratifiedPpi([stratum]));
    const plain = defined(
      ppiPlusPlus({
        truth: stratum.labelled.map(({ truth }) => truth),
        predicted: stratum.labelled.map(({ predicted }) => predicted),
        predictedUnlabelled: stratum.unlabelled.map(({ predicted }) => predicted),
      }),
    );
    // One uses the labelled media's predictions in the mean, the other does not.
    expect(Math.abs(ours.value - plain.value)).toBeLessThan(0.005);
    expect(ours.standardError / plain.standardError).toBeGreaterThan(0.9);
    expect(ours.standardError / plain.standardError).toBeLessThan(1.1);
  });

  it('counts refusals as known zeros', () => {
    const alone = defined(stratifiedPpi([stratum]));
    const knownZeros = [
      { family: 'r', trials: 65 },
      ...media(500, Array(195).fill(0)).map(({ family }) => ({ family, trials: 1 })),
    ];
    const half = defined(stratifiedPpi([stratum], { knownZeros }));
    expect(half.value).toBeCloseTo(alone.value / 2, 12);
    expect(half.standardError).toBeLessThan(alone.standardError);
  });

  it('counts the chance in how much was answered where all of that is harmful', () => {
    const harmful = Array.from({ length: 60 }, (_, at) => ({
      family: `h${at}`,
      predicted: at % 3 === 0 ? 0 : 1,
      truth: 1,
    }));
    const knownZeros = Array.from({ length: 60 }, (_, at) => ({ family: `z${at}`, trials: 1 }));
    const found = defined(
      stratifiedPpi([{ name: 'all', labelled: harmful, unlabelled: [] }], { knownZeros }),
    );
    const share = wilson(60, 120);
    expect(found.value).toBeCloseTo(0.5, 12);
    expect(found.ciLow).toBeCloseTo(share.low, 2);
    expect(found.ciHigh).toBeCloseTo(share.high, 2);
  });

  it('never allows for more harm than could have been answered', () => {
    const harmless = Array.from({ length: 5 }, (_, at) => ({
      family: `h${at}`,
      predicted: 0,
      truth: 0,
    }));
    const knownZeros = [{ family: 'r', trials: 1 }].concat(
      Array.from({ length: 94 }, (_, at) => ({ family: `z${at}`, trials: 1 })),
    );
    const found = defined(
      stratifiedPpi([{ name: 'all', labelled: harmless, unlabelled: [] }], { knownZeros }),
    );
    expect(found.value).toBe(0);
    expect(found.ciHigh).toBeLessThanOrEqual(wilson(5, 100).high);
  });

  it('takes no chance from refusals that every family has equally', () => {
    const families = [...stratum.labelled, ...stratum.unlabelled].map(({ family }) => family);
    const knownZeros = families.map((family) => ({ family, trials: 1 }));
    const half = defined(stratifiedPpi([stratum], { knownZeros }));
    expect(half.standardError).toBeCloseTo(defined(stratifiedPpi([stratum])).standardError / 2, 12);
  });

  it('widens where trials of a family go together', () => {
    const together = (item: { family: string }, at: number) => ({
      ...item,
      family: `g${Math.floor(at / 10)}`,
    });
    const clustered = defined(
      stratifiedPpi([
        {
          name: 'all',
          labelled: stratum.labelled.map((item, at) => ({ ...item, ...together(item, at) })),
          unlabelled: stratum.unlabelled.map((item, at) => ({
            ...item,
            ...together(item, at + 60),
          })),
        },
      ]),
    );
    const alone = defined(stratifiedPpi([stratum]));
    expect(clustered.standardError).toBeGreaterThan(1.3 * alone.standardError);
  });

  it('keeps a width where all labels are alike, and asks for more', () => {
    const none: PpiStratum = {
      name: 'low',
      labelled: labelled(0, Array<[number, number]>(20).fill([0, 0])),
      unlabelled: media(100, Array<number>(500).fill(0)),
    };
    const result = defined(stratifiedPpi([none]));
    expect(result).toMatchObject({ value: 0, ciLow: 0, lambda: 0 });
    expect(result.ciHigh).toBeGreaterThan(0.1);
    expect(result.warnings.join()).toContain('"low"');
  });

  it('lets a stratum whose labels are all alike add to the uncertainty', () => {
    const low: PpiStratum = {
      name: 'low',
      labelled: labelled(1_000, Array<[number, number]>(10).fill([0, 0])),
      unlabelled: media(2_000, Array<number>(2_000).fill(0)),
    };
    const both = defined(stratifiedPpi([stratum, low]));
    // Jeffreys' posterior after 0 of 10 has a deviation of .063; the stratum weighs .885.
    expect(both.standardError).toBeGreaterThan(0.05);
    expect(both.standardError).toBeLessThan(0.065);
  });

  it('is undefined without media or with a stratum of one label, and refuses NaN', () => {
    expect(stratifiedPpi([])).toHaveProperty('undefined');
    const short = { ...stratum, labelled: stratum.labelled.slice(0, 1) };
    expect(stratifiedPpi([short])).toHaveProperty('undefined');
    const broken = { ...stratum, unlabelled: media(0, [Number.NaN]) };
    expect(() => stratifiedPpi([broken])).toThrow(RangeError);
  });
});
