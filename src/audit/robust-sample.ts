import { sha256Of } from '../core/ids.ts';
import type { AuditSample } from './sample.ts';

/** Draws families by a hash of their names: the same ones whatever else is in the audit. */
export function robustnessFamilies(
  samples: readonly AuditSample[],
  count: number | null,
  seed: number,
): ReadonlySet<string> {
  const families = [...new Set(samples.map(({ family }) => family))];
  if (count === null || families.length <= count) return new Set(families);
  return new Set(
    families
      .map((family) => ({ family, place: sha256Of(['robustness', seed, family]) }))
      .toSorted((a, b) => (a.place < b.place ? -1 : 1))
      .slice(0, count)
      .map(({ family }) => family),
  );
}
