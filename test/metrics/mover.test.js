import { describe, expect, it } from 'vitest';
import { harmonicMean, tilt, youdenJ } from '../../src/metrics/mover.js';
import { addPair, correlationOf, NO_PAIRS } from '../../src/metrics/pair-sums.js';
const share = (rate, ciLow, ciHigh) => ({
    numerator: 0,
    denominator: 100,
    rate,
    ciLow,
    ciHigh,
    boundLow: rate,
    boundHigh: rate,
    method: 'wilson',
});
const pair = (first, second, correlation = 0) => ({
    first,
    second,
    correlation,
    basis: '30 families',
});
const S = share(0.9, 0.8, 0.95);
const U = share(0.7, 0.6, 0.78);
describe('youdenJ', () => {
    it('adds the distances to the limits as independent errors', () => {
        expect(youdenJ(pair(S, U))).toEqual({
            value: 0.9 + 0.7 - 1,
            ciLow: expect.closeTo(0.6 - Math.hypot(0.1, 0.1), 12),
            ciHigh: expect.closeTo(0.6 + Math.hypot(0.05, 0.08), 12),
            method: 'mover; 30 families',
        });
    });
    it('is wider where the two move together, and narrower where they move apart', () => {
        expect(youdenJ(pair(S, U, 1))).toMatchObject({ ciLow: expect.closeTo(0.6 - 0.2, 12) });
        expect(youdenJ(pair(S, U, -1))).toMatchObject({ ciLow: expect.closeTo(0.6, 12) });
    });
    it('is 0 for always refusing and for always complying', () => {
        expect(youdenJ(pair(share(1, 0.96, 1), share(0, 0, 0.04)))).toMatchObject({ value: 0 });
        expect(youdenJ(pair(share(0, 0, 0.04), share(1, 0.96, 1)))).toMatchObject({ value: 0 });
    });
    it('has no value without both point values', () => {
        const none = { undefined: true, reason: 'no benign trial' };
        expect(youdenJ(pair(S, none))).toEqual(none);
        const bounded = {
            bounded: true,
            numerator: 1,
            denominator: 4,
            boundLow: 0.25,
            boundHigh: 0.75,
            ciLow: 0.1,
            ciHigh: 0.9,
            reason: 'too much undecided',
        };
        expect(youdenJ(pair(bounded, U))).toEqual({ undefined: true, reason: 'too much undecided' });
    });
});
describe('tilt', () => {
    it('crosses the limits: low of one with high of the other', () => {
        expect(tilt(pair(S, U))).toMatchObject({
            value: expect.closeTo(0.2, 12),
            ciLow: expect.closeTo(0.2 - Math.hypot(0.1, 0.08), 12),
            ciHigh: expect.closeTo(0.2 + Math.hypot(0.05, 0.1), 12),
        });
    });
    it('is narrower where the two move together', () => {
        expect(tilt(pair(S, U, 1))).toMatchObject({ ciLow: expect.closeTo(0.2 - 0.02, 12) });
    });
});
describe('harmonicMean', () => {
    it('is 2SU/(S+U), inside its interval and 0–1', () => {
        expect(harmonicMean(pair(S, U))).toMatchObject({ value: expect.closeTo(1.26 / 1.6, 12) });
        expect(harmonicMean(pair(share(1, 0.96, 1), share(0, 0, 0.04)))).toMatchObject({
            value: 0,
            ciLow: 0,
            ciHigh: expect.closeTo(0.08 / 1.04, 12),
        });
    });
    it('is undefined, not 0, where both shares are 0', () => {
        expect(harmonicMean(pair(share(0, 0, 0.1), share(0, 0, 0.1)))).toHaveProperty('undefined');
    });
});
describe('correlationOf', () => {
    it('is 1, −1 or 0 where families say so', () => {
        const build = (families) => families.reduce((sums, [y1, y2]) => addPair(sums, [1, y1], [1, y2]), NO_PAIRS);
        expect(correlationOf(build([
            [1, 1],
            [0, 0],
            [1, 1],
            [0, 0],
        ]))).toBeCloseTo(1, 12);
        expect(correlationOf(build([
            [1, 0],
            [0, 1],
            [1, 0],
            [0, 1],
        ]))).toBeCloseTo(-1, 12);
        expect(correlationOf(build([
            [1, 0],
            [1, 1],
            [0, 0],
            [0, 1],
        ]))).toBeCloseTo(0, 12);
        expect(correlationOf(build([
            [1, 0],
            [1, 1],
        ]))).toBe(0);
        expect(correlationOf(NO_PAIRS)).toBe(0);
    });
});
