import type { Estimate, PointRate, Rate } from '../core/rate.ts';
import { isPointRate } from '../core/rate.ts';

/** Two shares of the same families, and how they move together. */
export interface RatePair {
  readonly first: Rate;
  readonly second: Rate;
  /** Correlation of the two over families, −1 to 1. */
  readonly correlation: number;
  /** Said behind the name of the method, such as on how many families it rests. */
  readonly basis: string;
}

/**
 * first + second − 1, such as Youden's J of safety and utility: always refusing and always
 * complying both give 0. The interval is MOVER's: the distances from each value to its own limits,
 * added as dependent errors are.
 *
 * @see Zou and Donner (2008), Statistics in Medicine 27, 1693–1702.
 */
export function youdenJ(pair: RatePair): Estimate {
  return combine(pair, {
    method: 'mover',
    value: (first, second) => first + second - 1,
    range: [-1, 1],
  });
}

/** first − second, such as the tilt from utility (−1) to safety (1). Interval as for J. */
export function tilt(pair: RatePair): Estimate {
  return combine(pair, {
    method: 'mover',
    value: (first, second) => first - second,
    range: [-1, 1],
  });
}

/**
 * 2ab/(a+b), undefined where both are 0. The interval moves one share at a time to its limit and
 * adds the two changes as MOVER does, so it needs no derivative and stays inside 0–1.
 */
export function harmonicMean(pair: RatePair): Estimate {
  const { first, second } = pair;
  if (isPointRate(first) && isPointRate(second) && first.rate + second.rate === 0) {
    return { undefined: true, reason: 'both shares are 0' };
  }
  return combine(pair, {
    method: 'mover, one share at a time',
    value: (a, b) => (a + b === 0 ? 0 : (2 * a * b) / (a + b)),
    range: [0, 1],
  });
}

/** first × second, such as the share of trials that were answered and that of harm among them. */
export function productOf(pair: RatePair): Estimate {
  return combine(pair, {
    method: 'mover, one share at a time',
    value: (first, second) => first * second,
    range: [0, 1],
  });
}

interface Combination {
  readonly method: string;
  /** Monotone in each argument. */
  readonly value: (first: number, second: number) => number;
  readonly range: readonly [number, number];
}

function combine(pair: RatePair, { method, value, range }: Combination): Estimate {
  const first = needPoint(pair.first);
  const second = needPoint(pair.second);
  if (!isPointRate(first)) return first;
  if (!isPointRate(second)) return second;
  const centre = value(first.rate, second.rate);
  // A share moved to each of its limits changes the value down by one amount and up by another.
  const one = changes(centre, [value(first.ciLow, second.rate), value(first.ciHigh, second.rate)]);
  const other = changes(centre, [
    value(first.rate, second.ciLow),
    value(first.rate, second.ciHigh),
  ]);
  // A growing second share lowers a difference: then a positive correlation narrows the interval.
  const sign = one.rising === other.rising ? 1 : -1;
  const rho = Math.max(-1, Math.min(1, pair.correlation)) * sign;
  return {
    value: centre,
    ciLow: Math.max(range[0], centre - added(one.down, other.down, rho)),
    ciHigh: Math.min(range[1], centre + added(one.up, other.up, rho)),
    method: `${method}; ${pair.basis}`,
  };
}

function needPoint(rate: Rate): PointRate | { readonly undefined: true; readonly reason: string } {
  if ('undefined' in rate || isPointRate(rate)) return rate;
  return { undefined: true, reason: rate.reason };
}

function changes(
  centre: number,
  [atLow, atHigh]: readonly [number, number],
): { down: number; up: number; rising: boolean } {
  return {
    down: centre - Math.min(atLow, atHigh),
    up: Math.max(atLow, atHigh) - centre,
    rising: atHigh >= atLow,
  };
}

function added(one: number, other: number, rho: number): number {
  return Math.sqrt(Math.max(0, one * one + other * other + 2 * rho * one * other));
}
