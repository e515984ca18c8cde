import { describe, expect, it } from 'vitest';
import {
  addFamily,
  clusteredWilson,
  designEffect,
  NO_FAMILIES,
} from '../../src/metrics/family-sums.ts';
import { wilson } from '../../src/metrics/wilson.ts';

type Family = readonly [trials: number, successes: number];
const sumsOf = (families: readonly Family[]) =>
  families.reduce((sums, [trials, successes]) => addFamily(sums, trials, successes), NO_FAMILIES);

describe('designEffect', () => {
  it('is 1 where every family holds one trial', () => {
    expect(
      designEffect(
        sumsOf([
          [1, 0],
          [1, 1],
          [1, 1],
        ]),
      ),
    ).toEqual({
      factor: 1,
      basis: 'independent',
    });
  });

  it('matches the variance of a ratio worked out by hand', () => {
    // p = .1; Σ(y−pm)² = 3.6² + 9·.4² = 14.4; ·10/9/40² = .01; over .09/40 gives 40/9.
    const families: Family[] = [[4, 4], ...Array.from({ length: 9 }, (): Family => [4, 0])];
    const design = designEffect(sumsOf(families));
    expect(design.basis).toBe('estimated');
    expect(design.factor).toBeCloseTo(40 / 9, 12);
  });

  it('is never below 1, however evenly the families are split', () => {
    expect(
      designEffect(
        sumsOf([
          [2, 1],
          [2, 1],
          [2, 1],
        ]),
      ).factor,
    ).toBe(1);
  });

  it.each<[string, Family[], number]>([
    [
      'no event',
      [
        [4, 0],
        [4, 0],
      ],
      4,
    ],
    [
      'no non-event',
      [
        [3, 3],
        [1, 1],
      ],
      2.5,
    ],
    ['one family', [[5, 2]], 5],
  ])(
    'takes the trials of a family to be one where the spread tells nothing: %s',
    (_, families, factor) => {
      expect(designEffect(sumsOf(families))).toEqual({ factor, basis: 'assumed' });
    },
  );

  it('ignores families without trials', () => {
    expect(
      sumsOf([
        [0, 0],
        [2, 1],
      ]),
    ).toEqual(sumsOf([[2, 1]]));
  });
});

describe('clusteredWilson', () => {
  it('is plain Wilson where families hold one trial each', () => {
    const families = Array.from({ length: 30 }, (_, index): Family => [1, index < 7 ? 1 : 0]);
    const { low, high } = clusteredWilson(sumsOf(families));
    expect({ low, high }).toEqual(wilson(7, 30));
  });

  it('counts 0 of 24 families with four alike trials as 0 of 24, not 0 of 96', () => {
    const families = Array.from({ length: 24 }, (): Family => [4, 0]);
    expect(clusteredWilson(sumsOf(families)).high).toBeCloseTo(wilson(0, 24).high, 12);
  });

  it('widens with dependence', () => {
    const alike = Array.from({ length: 40 }, (_, i): Family => [4, i % 4 === 0 ? 4 : 0]);
    const mixed = Array.from({ length: 40 }, (): Family => [4, 1]);
    const width = (families: Family[]) => {
      const { low, high } = clusteredWilson(sumsOf(families));
      return high - low;
    };
    expect(width(alike)).toBeGreaterThan(1.5 * width(mixed));
  });
});
