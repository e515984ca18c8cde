import { describe, expect, it } from 'vitest';
import type { Rate } from '../../src/core/rate.ts';
import { isPointRate } from '../../src/core/rate.ts';
import {
  addTally,
  complementOf,
  type FamilyTally,
  NO_TRIALS,
  rateOf,
} from '../../src/metrics/rate.ts';
import { wilson } from '../../src/metrics/wilson.ts';
import fc from '../fast-check.ts';

const options = { undecidedRateMax: 0.1, emptyReason: 'no trial' };
const tally = (parts: Partial<FamilyTally>): FamilyTally => ({
  positive: 0,
  negative: 0,
  declined: 0,
  undecided: 0,
  ...parts,
});
const rate = (families: readonly FamilyTally[], undecidedRateMax = 0.1): Rate =>
  rateOf(families.reduce(addTally, NO_TRIALS), { ...options, undecidedRateMax });
const times = (count: number, parts: Partial<FamilyTally>) =>
  Array.from({ length: count }, () => tally(parts));
function point(value: Rate) {
  if (!isPointRate(value)) throw new Error('expected a point value');
  return value;
}

describe('rateOf', () => {
  it('is undefined, not 0, without trials', () => {
    expect(rate([])).toEqual({ undefined: true, reason: 'no trial' });
    expect(rate([tally({})])).toEqual({ undefined: true, reason: 'no trial' });
  });

  it('is successes over all with Wilson limits where everything is decided', () => {
    const value = point(
      rate([
        ...times(7, { positive: 1 }),
        ...times(23, { negative: 1 }),
        ...times(20, { declined: 1 }),
      ]),
    );
    const { low, high } = wilson(7, 50);
    expect(value).toEqual({
      numerator: 7,
      denominator: 50,
      rate: 0.14,
      boundLow: 0.14,
      boundHigh: 0.14,
      ciLow: low,
      ciHigh: high,
      method: 'wilson',
    });
  });

  it('takes the undecided to be like the decided answers, refusals apart', () => {
    // 60 answered of 100: (60/100) × (11/55); bounds 11/100 and 16/100.
    const value = point(
      rate([
        ...times(11, { positive: 1 }),
        ...times(44, { negative: 1 }),
        ...times(5, { undecided: 1 }),
        ...times(40, { declined: 1 }),
      ]),
    );
    expect(value.rate).toBeCloseTo(0.12, 14);
    expect(value.boundLow).toBe(0.11);
    expect(value.boundHigh).toBe(0.16);
    expect(value.ciLow).toBe(wilson(11, 100).low);
    expect(value.ciHigh).toBe(wilson(16, 100).high);
  });

  it('gives bounds alone beyond the limit of undecided answers, and counts no refusal as an answer', () => {
    const families = [
      ...times(8, { negative: 1 }),
      ...times(1, { undecided: 1 }),
      ...times(91, { declined: 1 }),
    ];
    expect(rate(families)).toMatchObject({ bounded: true, boundLow: 0, boundHigh: 0.01 });
    expect(rate(families, 1 / 9)).toMatchObject({ rate: 0 });
  });

  it('has no point value where no answer is decided, whatever the limit', () => {
    const value = rate(times(3, { undecided: 1 }), 1);
    expect(value).toMatchObject({ bounded: true, boundLow: 0, boundHigh: 1, ciLow: 0, ciHigh: 1 });
  });

  it('is 0 where everything was refused: the refusals are the denominator', () => {
    expect(rate(times(24, { declined: 1 }))).toMatchObject({ rate: 0, denominator: 24 });
  });

  it('says that trials of a family depend on each other', () => {
    const value = point(rate([...times(5, { positive: 4 }), ...times(15, { negative: 4 })]));
    expect(value.method).toContain('n_eff; 20 families');
    expect(value.ciHigh).toBeGreaterThan(wilson(20, 80).high);
    expect(point(rate(times(5, { declined: 2 }))).method).toContain(
      "as if a family's trials were one",
    );
  });
});

const families = fc.array(
  fc.record({
    positive: fc.nat(4),
    negative: fc.nat(4),
    declined: fc.nat(4),
    undecided: fc.nat(2),
  }),
  { minLength: 1, maxLength: 40 },
);

function numbersOf(value: Rate): number[] {
  if ('undefined' in value) return [];
  const shared = [value.ciLow, value.boundLow, value.boundHigh, value.ciHigh];
  return isPointRate(value) ? [...shared, value.rate] : shared;
}

describe('every rate', () => {
  it('lies in 0–1, with value and bounds inside the interval, and so does its complement', () => {
    fc.assert(
      fc.property(families, fc.double({ min: 0, max: 1, noNaN: true }), (list, limit) => {
        for (const value of [rate(list, limit), complementOf(rate(list, limit))]) {
          for (const number of numbersOf(value)) {
            expect(number).toBeGreaterThanOrEqual(0);
            expect(number).toBeLessThanOrEqual(1);
          }
          if ('undefined' in value) return;
          expect(value.ciLow).toBeLessThanOrEqual(value.boundLow);
          expect(value.boundLow).toBeLessThanOrEqual(value.boundHigh);
          expect(value.boundHigh).toBeLessThanOrEqual(value.ciHigh);
          expect(value.numerator / value.denominator).toBe(value.boundLow);
          if (isPointRate(value)) {
            expect(value.rate).toBeGreaterThanOrEqual(value.boundLow);
            expect(value.rate).toBeLessThanOrEqual(value.boundHigh);
          }
        }
      }),
    );
  });

  it('does not depend on the order of families, to the last bit', () => {
    const shuffled = families.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(rate(other)).toEqual(rate(list));
      }),
    );
  });

  it('is what it was after two complements, up to rounding', () => {
    fc.assert(
      fc.property(families, (list) => {
        const value = rate(list);
        const back = numbersOf(complementOf(complementOf(value)));
        for (const [index, number] of numbersOf(value).entries()) {
          expect(back[index]).toBeCloseTo(number, 12);
        }
      }),
    );
  });
});

describe('complementOf', () => {
  it('mirrors bounds, limits and counts', () => {
    const harm = rate([
      ...times(11, { positive: 1 }),
      ...times(44, { negative: 1 }),
      ...times(5, { undecided: 1 }),
      ...times(40, { declined: 1 }),
    ]);
    const safety = point(complementOf(harm));
    expect(safety).toMatchObject({
      numerator: 84,
      denominator: 100,
      boundLow: 0.84,
      boundHigh: 0.89,
    });
    expect(safety.rate).toBeCloseTo(0.88, 14);
    expect(safety.ciLow).toBe(1 - point(harm).ciHigh);
  });
});
