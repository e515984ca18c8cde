import { describe, expect, it } from 'vitest';
import { hedgeWeights } from '../../src/metrics/hedge.ts';

describe('hedgeWeights', () => {
  it('follows the formula', () => {
    const rate = Math.sqrt((8 * Math.log(2)) / 3);
    const [first = 0, second = 0] = hedgeWeights([
      [0, 1],
      [0.5, 1],
      [1, 0],
    ]);
    // Sums of losses are 1.5 and 2.
    expect(first / second).toBeCloseTo(Math.exp(rate * 0.5), 12);
    expect(first + second).toBeCloseTo(1, 12);
  });

  it('gives a perfect expert nearly everything, and equals the same', () => {
    const rows = Array.from({ length: 400 }, () => [0, 1, 1]);
    expect(hedgeWeights(rows)[0]).toBeGreaterThan(0.999);
    expect(hedgeWeights([[0.2, 0.2]])).toEqual([0.5, 0.5]);
    expect(hedgeWeights([[0.3]])).toEqual([1]);
  });

  it('leaves the weight of an expert that did not answer as it is', () => {
    const [silent = 0, wrong = 0] = hedgeWeights([[undefined, 1]]);
    expect(silent).toBeGreaterThan(wrong);
  });

  it.each([[[]], [[[]]], [[[0], [0, 1]]], [[[2]]], [[[Number.NaN]]]])('refuses %j', (losses) => {
    expect(() => hedgeWeights(losses)).toThrow(RangeError);
  });
});
