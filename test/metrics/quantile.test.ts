import { describe, expect, it } from 'vitest';
import { normalQuantile, studentQuantile } from '../../src/metrics/quantile.ts';

// Reference values: scipy 1.17, norm.ppf and t.ppf.
describe('normalQuantile', () => {
  it.each([
    [1e-20, -9.262340089798409],
    [1e-10, -6.361340902404056],
    [0.001, -3.090232306167813],
    [0.025, -1.9599639845400545],
    [0.3, -0.5244005127080409],
    [0.5, 0],
    [0.9, 1.2815515655446004],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
  ])('of %s is %s', (probability, expected) => {
    expect(normalQuantile(probability)).toBeCloseTo(expected, 13);
  });

  it.each([0, 1, -0.1, Number.NaN])('refuses %s', (probability) => {
    expect(() => normalQuantile(probability)).toThrow(RangeError);
  });
});

describe('studentQuantile', () => {
  it.each([
    [1, 12.706204736174694],
    [2, 4.302652729749462],
    [3, 3.1824463052837078],
    [5, 2.5705818356363146],
    [10, 2.228138851986274],
    [29, 2.045229642132703],
    [99, 1.9842169515864174],
  ])('with %s degrees of freedom is %s', (degrees, expected) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(expected, 11);
  });
});
