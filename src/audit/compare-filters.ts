import type { FilterComparison } from '../core/audit.ts';
import { comparePaired } from '../metrics/compare-paired.ts';
import { createFamilyTable } from '../metrics/family-table.ts';
import { holm } from '../metrics/multiplicity.ts';
import { INTERVAL_SEED } from '../metrics/rate.ts';
import { isInScope, type MeasuredFilter } from './decide.ts';
import { type AuditSample, sampleSide } from './sample.ts';

/**
 * Every two filters of a side on the samples that both cover and both decided: recall and false alarms
 * apart. P-values are Holm's over all of them.
 */
export function compareFilters(
  filters: readonly MeasuredFilter[],
  samples: readonly AuditSample[],
): FilterComparison[] {
  const found: (FilterComparison & { readonly pValue: number | null })[] = [];
  filters.forEach((first, at) => {
    for (const second of filters.slice(at + 1)) {
      if (first.side !== second.side) continue;
      for (const measure of ['tpr', 'fpr'] as const) {
        found.push(compareOn(first, second, samples, measure));
      }
    }
  });
  const tested = found.filter(({ pValue }) => pValue !== null);
  const adjusted = holm(tested.map(({ pValue }) => pValue ?? 1));
  return found.map((one) => {
    const index = tested.indexOf(one);
    return { ...one, pAdjusted: index < 0 ? null : (adjusted[index] ?? null) };
  });
}

function compareOn(
  first: MeasuredFilter,
  second: MeasuredFilter,
  samples: readonly AuditSample[],
  measure: 'tpr' | 'fpr',
): FilterComparison {
  const families = new Map<string, [number, number, number, number]>();
  for (const sample of samples) {
    if (sampleSide(sample) !== first.side || sample.unsafe !== (measure === 'tpr')) continue;
    if (!isInScope(first, sample, null) || !isInScope(second, sample, null)) continue;
    const a = first.decide(sample, null);
    const b = second.decide(sample, null);
    if (a.kind === 'undecided' || b.kind === 'undecided') continue;
    const counts = families.get(sample.family) ?? [0, 0, 0, 0];
    counts[0] += 1;
    counts[1] += Number(a.flagged);
    counts[2] += 1;
    counts[3] += Number(b.flagged);
    families.set(sample.family, counts);
  }
  const table = createFamilyTable(4);
  for (const counts of families.values()) table.add(counts);
  const names = { side: first.side, first: first.id, second: second.id, measure };
  const compared = comparePaired(table.table(), { seed: INTERVAL_SEED });
  if ('undefined' in compared) {
    const difference = {
      undefined: true,
      reason: 'no sample is covered and decided by both',
    } as const;
    return { ...names, difference, pValue: null, pAdjusted: null, test: 'none', families: 0 };
  }
  const { difference, pValue, test } = compared;
  return { ...names, difference, pValue, pAdjusted: null, test, families: compared.families };
}
