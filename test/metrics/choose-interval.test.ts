import { describe, expect, it } from 'vitest';
import { chooseInterval } from '../../src/metrics/choose-interval.ts';
import { familyRate } from '../../src/metrics/family-rate.ts';
import { createFamilyTable, sumsOf } from '../../src/metrics/family-table.ts';
import { wilson } from '../../src/metrics/wilson.ts';

type Family = readonly [trials: number, successes: number, families: number];

function choose(
  families: readonly Family[],
  coverage: 'near-nominal' | 'conservative' = 'near-nominal',
) {
  const builder = createFamilyTable(2);
  for (const [trials, successes, times] of families) builder.add([trials, successes], times);
  const chosen = chooseInterval(builder.table(), { seed: 1, resamples: 500, coverage });
  if ('undefined' in chosen) throw new Error(chosen.reason);
  return chosen;
}

describe('chooseInterval', () => {
  it('takes Wilson where each family holds one trial, without a warning', () => {
    const chosen = choose([
      [1, 1, 20],
      [1, 0, 80],
    ]);
    const { low, high } = wilson(20, 100);
    expect(chosen).toMatchObject({ method: 'wilson', ciLow: low, ciHigh: high, warnings: [] });
  });

  it.each<[string, Family[]]>([
    [
      '30 families, 10 events, 10 non-events',
      [
        [2, 2, 5],
        [2, 1, 2],
        [2, 0, 23],
      ],
    ],
    [
      'nearly all successes',
      [
        [2, 2, 30],
        [2, 1, 10],
      ],
    ],
  ])('takes the bootstrap where the counts carry it: %s', (_, families) => {
    const chosen = choose(families);
    expect(chosen.method).toBe('bootstrap (bca)');
    expect(chosen.ciLow).toBeLessThan(chosen.rate);
    expect(chosen.ciHigh).toBeGreaterThan(chosen.rate);
  });

  it.each<[string, Family[]]>([
    [
      '29 families',
      [
        [2, 2, 10],
        [2, 0, 19],
      ],
    ],
    [
      '9 events',
      [
        [2, 1, 9],
        [2, 0, 91],
      ],
    ],
    [
      '9 non-events',
      [
        [2, 1, 9],
        [2, 2, 91],
      ],
    ],
    ['no event', [[4, 0, 40]]],
    ['no non-event', [[4, 4, 40]]],
    ['one family', [[4, 2, 1]]],
    ['no spread between families', [[2, 1, 20]]],
  ])('falls back to n_eff and keeps a width: %s', (_, families) => {
    const chosen = choose(families);
    expect(chosen.method).toBe('wilson (n_eff)');
    expect(chosen.ciHigh - chosen.ciLow).toBeGreaterThan(0.01);
    expect(chosen.because).not.toBe('');
  });

  it('falls back where a bootstrap cannot vary', () => {
    const chosen = choose([[2, 1, 60]]);
    expect(chosen.method).toBe('wilson (n_eff)');
    expect(chosen.ciLow).toBeLessThan(0.45);
  });

  it('counts alike trials without an event as one', () => {
    expect(choose([[4, 0, 24]])).toMatchObject({ effectiveTrials: 24, ciLow: 0 });
    expect(choose([[4, 0, 24]], 'conservative').ciHigh).toBeCloseTo(0.1424735977, 9);
  });

  it('warns below five effective events or non-events, and for few families', () => {
    expect(
      choose([
        [1, 1, 4],
        [1, 0, 96],
      ]).warnings,
    ).toHaveLength(1);
    expect(
      choose([
        [1, 1, 96],
        [1, 0, 4],
      ]).warnings,
    ).toHaveLength(1);
    expect(
      choose([
        [1, 1, 5],
        [1, 0, 95],
      ]).warnings,
    ).toEqual([]);
    expect(
      choose([
        [4, 4, 8],
        [4, 0, 12],
      ]).warnings.join(),
    ).toContain('20 families');
  });

  it('is not warned of where it takes the better one, as Wilson on n_eff is when asked by name', () => {
    const rows: [number, number, number][] = [
      [4, 0, 80],
      [4, 2, 20],
    ];
    expect(choose(rows)).toMatchObject({ method: 'bootstrap (bca)', warnings: [] });
    const builder = createFamilyTable(2);
    for (const [trials, successes, times] of rows) builder.add([trials, successes], times);
    expect(familyRate(sumsOf(builder.table())).warnings?.join()).toContain('chooseInterval');
  });

  it('is undefined without a trial', () => {
    const empty = createFamilyTable(2);
    empty.add([0, 0]);
    expect(chooseInterval(empty.table(), { seed: 1 })).toEqual({
      undefined: true,
      reason: 'no trial',
    });
  });
});
