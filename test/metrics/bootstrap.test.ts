import { describe, expect, it } from 'vitest';
import { clusterBootstrap, shareOf } from '../../src/metrics/bootstrap.ts';
import { clusteredStandardError } from '../../src/metrics/clustered-error.ts';
import { addFamily, NO_FAMILIES } from '../../src/metrics/family-sums.ts';
import { createFamilyTable, sumsOf } from '../../src/metrics/family-table.ts';

const families = Array.from({ length: 60 }, (_, at) => [4, at % 5, 3, (at * 7) % 4]);

function tableOf(rows: readonly (readonly number[])[]) {
  const builder = createFamilyTable(rows[0]?.length ?? 1);
  for (const row of rows) builder.add(row);
  return builder.table();
}

const safety = shareOf(0, 1);
const utility = shareOf(2, 3);

describe('clusterBootstrap', () => {
  it('gives the same for the same seed, in whatever order families came', () => {
    const forwards = clusterBootstrap(tableOf(families), [safety], { seed: 5, resamples: 300 });
    const backwards = clusterBootstrap(tableOf(families.toReversed()), [safety], {
      seed: 5,
      resamples: 300,
    });
    expect(backwards).toEqual(forwards);
    const other = clusterBootstrap(tableOf(families), [safety], { seed: 6, resamples: 300 });
    expect(other).not.toEqual(forwards);
  });

  it('resamples statistics jointly: a sum varies as its parts do together', () => {
    const alike = families.map(([m = 0, y = 0]) => [m, y, m, m - y]);
    const [one, sum] = clusterBootstrap(
      tableOf(alike),
      [safety, (totals) => safety(totals) + utility(totals)],
      { seed: 5, resamples: 300 },
    );
    expect(one?.standardError).toBeGreaterThan(0.02);
    expect(sum?.standardError).toBeLessThan(1e-12);
  });

  it('has the standard error of the linearised variance', () => {
    const table = tableOf(families);
    const [estimate] = clusterBootstrap(table, [safety], { seed: 2, resamples: 4_000 });
    const linear = clusteredStandardError(sumsOf(table)) ?? 0;
    expect(estimate?.standardError).toBeGreaterThan(0.94 * linear);
    expect(estimate?.standardError).toBeLessThan(1.04 * linear);
  });

  it('collapses without an event, and says that BCa is not defined there', () => {
    const [estimate] = clusterBootstrap(
      tableOf([
        [4, 0],
        [3, 0],
      ]),
      [safety],
      { seed: 1 },
    );
    expect(estimate).toMatchObject({ percentile: { low: 0, high: 0 }, bca: undefined });
    expect(estimate?.warnings).toHaveLength(1);
  });

  it('warns of the percentile interval where the resamples are skewed, and not where they are even', () => {
    const warningsAt = (events: number) => {
      const rows = Array.from({ length: 400 }, (_, at) => [4, at < events ? 3 : 0]);
      const [estimate] = clusterBootstrap(tableOf(rows), [safety], { seed: 3 });
      return estimate?.warnings.join() ?? '';
    };
    expect(warningsAt(12)).toContain('use BCa');
    const even = Array.from({ length: 400 }, (_, at) => [4, at % 5]);
    const [estimate] = clusterBootstrap(tableOf(even), [safety], { seed: 3 });
    expect(estimate?.warnings).toEqual([]);
  });

  it('leaves out resamples in which a statistic is undefined, and counts them', () => {
    const rows = [[1, 1, 5, 1], ...Array.from({ length: 4 }, () => [0, 0, 5, 2])];
    const [rare, common] = clusterBootstrap(tableOf(rows), [safety, utility], { seed: 1 });
    expect(rare?.undefinedResamples).toBeGreaterThan(500);
    expect(common?.undefinedResamples).toBe(0);
  });

  it('is undefined where the statistic is', () => {
    expect(clusterBootstrap(tableOf([[0, 0, 2, 1]]), [safety], { seed: 1 })).toEqual([undefined]);
  });

  it.each([
    ['no family', () => clusterBootstrap(createFamilyTable(2).table(), [safety], { seed: 1 })],
    ['no resample', () => clusterBootstrap(tableOf(families), [safety], { seed: 1, resamples: 0 })],
    ['NaN', () => tableOf([[Number.NaN, 1]])],
    ['a fraction', () => tableOf([[1.5, 1]])],
    ['a missing column', () => createFamilyTable(2).add([1])],
    ['more successes than trials', () => sumsOf(tableOf([[1, 2]]))],
  ])('refuses %s', (_, call) => {
    expect(call).toThrow(RangeError);
  });
});

it('has no clustered standard error from one family', () => {
  expect(clusteredStandardError(NO_FAMILIES)).toBeUndefined();
  expect(clusteredStandardError(addFamily(NO_FAMILIES, 4, 2))).toBeUndefined();
});
