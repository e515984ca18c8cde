import { describe, expect, it } from 'vitest';
import { wilson } from '../../src/metrics/wilson.ts';
import fc from '../fast-check.ts';

describe('wilson', () => {
  // Reference values: statsmodels 0.14, proportion_confint(method='wilson').
  it.each([
    [0, 24, 0.95, 0, 0.13797620467498017],
    [0, 100, 0.95, 0, 0.03699349820698568],
    [7, 50, 0.95, 0.06950833427016294, 0.2618619371058554],
    [50, 50, 0.95, 0.9286524008666414, 1],
    [1, 3, 0.99, 0.04042662929608465, 0.855783984952333],
    [263, 1000, 0.9, 0.24076128169177227, 0.28651768560387425],
    [2.5, 12.5, 0.95, 0.06416025336304954, 0.4768843937340431],
  ])('%s of %s at %s', (successes, trials, confidence, low, high) => {
    const interval = wilson(successes, trials, { confidence });
    expect(interval.low).toBeCloseTo(low, 12);
    expect(interval.high).toBeCloseTo(high, 12);
  });

  it('keeps the limits that the published tables give', () => {
    expect(wilson(0, 24).high).toBeLessThanOrEqual(0.14);
    expect(wilson(0, 100).high).toBeLessThanOrEqual(0.037);
  });

  it('holds the share, stays within 0–1, and mirrors', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 5000 })
          .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n))),
        ([k, n]) => {
          const { low, high } = wilson(k, n);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(low).toBeLessThanOrEqual(k / n);
          expect(high).toBeGreaterThanOrEqual(k / n);
          expect(high).toBeLessThanOrEqual(1);
          expect(wilson(n - k, n).low).toBeCloseTo(1 - high, 10);
        },
      ),
    );
  });

  it.each([
    [0, 0],
    [3, 2],
    [-1, 2],
  ])('refuses %s of %s', (successes, trials) => {
    expect(() => wilson(successes, trials)).toThrow(RangeError);
  });
});
