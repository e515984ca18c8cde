import { addFamily, type FamilySums, NO_FAMILIES } from './family-sums.ts';
import type { KnownZeros, PpiStratum } from './ppi-influence.ts';

/** How many of all trials were answered, by family: those in strata, known zeros being the others. */
export function answeredShare(
  strata: Iterable<Pick<PpiStratum, 'labelled' | 'unlabelled'>>,
  zeros: readonly KnownZeros[],
): FamilySums {
  const families = new Map<string, [trials: number, answered: number]>();
  const add = (family: string, trials: number, answered: number): void => {
    const [before, answeredBefore] = families.get(family) ?? [0, 0];
    families.set(family, [before + trials, answeredBefore + answered]);
  };
  for (const { labelled, unlabelled } of strata) {
    for (const { family } of labelled) add(family, 1, 1);
    for (const { family } of unlabelled) add(family, 1, 1);
  }
  for (const { family, trials } of zeros) add(family, trials, 0);
  let sums = NO_FAMILIES;
  for (const [trials, answered] of families.values()) sums = addFamily(sums, trials, answered);
  return sums;
}
