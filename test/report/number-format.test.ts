import { describe, expect, it } from 'vitest';
import {
  formatClock,
  formatCount,
  formatDuration,
  formatEstimate,
  formatLimit,
  formatPercent,
  formatRate,
  formatScore,
} from '../../src/report/number-format.ts';
import { pointRate } from './synthetic-run.ts';

const plain = (text: string): string => text.replace(/[\u00A0\u202F]/g, ' ');

describe('number format', () => {
  it.each([
    [0, '0 %'],
    [0.00001, '<0.1 %'],
    [0.123, '12.3 %'],
    [0.99999, '>99.9 %'],
    [1, '100 %'],
  ])('never rounds %d to nothing or to all', (share, text) => {
    expect(plain(formatPercent(share))).toBe(text);
  });

  it('gives a rate its interval and its counts', () => {
    const formatted = formatRate(pointRate(1, 4));
    expect(formatted.kind).toBe('point');
    expect(plain(formatted.sentence)).toBe('25.0 % (95 % interval 4.6–69.9 %, 1 / 4)');
  });

  it('gives bounds without a point where too much is undecided', () => {
    const formatted = formatRate({
      bounded: true,
      numerator: 2,
      denominator: 10,
      boundLow: 0.2,
      boundHigh: 0.6,
      ciLow: 0.05,
      ciHigh: 0.8,
      reason: 'too much is undecided',
    });
    expect(formatted.kind).toBe('bounded');
    expect(plain(formatted.value)).toBe('20.0–60.0 %');
    expect(formatted.sentence).toContain('no point value');
  });

  it('says why a rate is not defined', () => {
    const formatted = formatRate({ undefined: true, reason: 'nothing was sent' });
    expect(formatted.sentence).toBe('not defined: nothing was sent');
    expect(formatEstimate({ undefined: true, reason: 'x' }).kind).toBe('undefined');
  });

  it('writes counts, times and scores', () => {
    expect(plain(formatCount(1234567))).toBe('1 234 567');
    expect(formatClock(64_250)).toBe('1:04.3');
    expect(formatDuration(850)).toBe('850 ms');
    expect(formatDuration(4200)).toBe('4.2 s');
    expect(formatDuration(200_000)).toBe('3 min 20 s');
    expect(formatScore(0.004)).toBe('0.004');
    expect(plain(formatLimit(0.1))).toBe('10 %');
    expect(plain(formatLimit(0.025))).toBe('2.5 %');
    expect(
      formatEstimate({ value: -0.104, ciLow: -0.2, ciHigh: 0.004, method: 'mover' }).interval,
    ).toBe('−0.20 to 0.00');
  });
});
