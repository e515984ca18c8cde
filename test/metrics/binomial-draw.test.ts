import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { drawBinomial } from '../../src/metrics/binomial-draw.ts';
import { binomialPmf } from '../../src/metrics/special.ts';

const generator = xoroshiro128plus(7);
const uniform = (): number => (generator.next() >>> 0) / 2 ** 32;

describe('drawBinomial', () => {
  it.each([
    [1, 0.3],
    [12, 0.04],
    [40, 0.7],
    [30, 0.5],
    [400, 0.1],
  ])('draws %d with %d as often as the distribution says', (n, p) => {
    const draws = 40_000;
    const counts = new Array<number>(n + 1).fill(0);
    for (let draw = 0; draw < draws; draw += 1) {
      const k = drawBinomial(n, p, uniform);
      counts[k] = (counts[k] ?? 0) + 1;
    }
    let squares = 0;
    let cells = 0;
    counts.forEach((count, k) => {
      const expected = draws * binomialPmf(k, n, p);
      if (expected < 5) return;
      squares += (count - expected) ** 2 / expected;
      cells += 1;
    });
    // Of a chi-square with `cells` degrees of freedom; beyond six deviations nothing is chance.
    expect(squares).toBeLessThan(cells + 6 * Math.sqrt(2 * cells));
  });

  it('keeps mean and spread where n is large', () => {
    const values = Array.from({ length: 4000 }, () => drawBinomial(1_000_000, 0.2, uniform));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance =
      values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    expect(Math.abs(mean - 200_000)).toBeLessThan(6 * (400 / Math.sqrt(4000)));
    expect(variance / 160_000).toBeGreaterThan(0.85);
    expect(variance / 160_000).toBeLessThan(1.15);
  });

  it('knows the edges', () => {
    expect([drawBinomial(0, 0.5, uniform), drawBinomial(9, 0, uniform)]).toEqual([0, 0]);
    expect(drawBinomial(9, 1, uniform)).toBe(9);
  });
});
