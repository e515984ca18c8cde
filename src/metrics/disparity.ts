import type { Estimate, PointRate, UndefinedRate } from '../core/rate.ts';
import { intervalWarnings } from './choose-interval.ts';
import { familyRate } from './family-rate.ts';
import { type FamilyTable, pairSumsOf, sumsOf } from './family-table.ts';
import { tilt } from './mover.ts';
import { correlationOf } from './pair-sums.ts';
import { type RatioEstimate, ratioOfShares } from './ratio.ts';
import { requireOpenShare, undefinedBecause } from './requirements.ts';
import { DEFAULT_CONFIDENCE } from './wilson.ts';

export interface GroupRate {
  readonly name: string;
  /** Its interval holds for all groups at once. */
  readonly rate: PointRate | UndefinedRate;
  /** Against the reference group; undefined for the reference itself. */
  readonly difference: Estimate;
  readonly ratio: RatioEstimate | UndefinedRate;
}

export interface Disparity {
  readonly groups: readonly GroupRate[];
  readonly reference: string;
  /** The group with the highest rate; of equals the first. Its interval allows for the choice. */
  readonly worst: { readonly name: string; readonly rate: PointRate };
  /** Highest minus lowest rate, its interval allowing for the choice of that pair among all. */
  readonly gap: Estimate;
}

/**
 * How much a rate differs between groups such as languages or hazards. Groups may share families
 * (translations of one prompt): the table holds two columns a group, trials and successes, in the
 * order of `names`, and the correlation over families is used. All intervals are simultaneous
 * (Bonferroni), so that the worst of many groups is not a find by chance. They are Wilson's on n_eff:
 * at limits so far out a bootstrap of the usual size covered no better (docs/statistics.md).
 *
 * @param reference a group's name; by default the one with most trials.
 * @returns undefined unless two groups hold trials.
 * @throws RangeError where the columns do not fit the names, or the reference is not among them or
 * holds no trial.
 */
export function disparity(
  table: FamilyTable,
  names: readonly string[],
  {
    reference,
    confidence = DEFAULT_CONFIDENCE,
  }: { readonly reference?: string; readonly confidence?: number } = {},
): Disparity | UndefinedRate {
  requireOpenShare(confidence, 'the confidence');
  if (table.columns !== 2 * names.length) throw new RangeError('two columns a group are needed');
  const groups = names.map((name, index) => ({
    name,
    index,
    sums: sumsOf(table, 2 * index, 2 * index + 1),
  }));
  const measured = groups.filter(({ sums }) => sums.trials > 0);
  if (measured.length < 2) return undefinedBecause('fewer than two groups hold trials');
  const base =
    reference === undefined
      ? measured.reduce((most, group) => (group.sums.trials > most.sums.trials ? group : most))
      : measured.find(({ name }) => name === reference);
  if (base === undefined) throw new RangeError('the reference is not a group with trials');

  const rateAt = ({ sums }: (typeof groups)[number], comparisons: number): PointRate => {
    const rate = familyRate(sums, { confidence: 1 - (1 - confidence) / comparisons });
    const { warnings: _ofOneRateAlone, ...simultaneous } = rate;
    const warnings = intervalWarnings(sums);
    return warnings.length === 0 ? simultaneous : { ...simultaneous, warnings };
  };
  const correlation = (a: number, b: number): number =>
    correlationOf(pairSumsOf(table, [2 * a, 2 * a + 1, 2 * b, 2 * b + 1]));
  const compare = (a: (typeof groups)[number], b: typeof a, comparisons: number): Estimate =>
    tilt({
      first: rateAt(a, comparisons),
      second: rateAt(b, comparisons),
      correlation: correlation(a.index, b.index),
      basis: `simultaneous over ${comparisons}`,
    });

  const shareAt = ({ sums }: (typeof groups)[number]): number => sums.successes / sums.trials;
  const highest = measured.reduce((most, group) => (shareAt(group) > shareAt(most) ? group : most));
  const lowest = measured.reduce((least, group) =>
    shareAt(group) < shareAt(least) ? group : least,
  );
  const others = measured.length - 1;
  return {
    reference: base.name,
    groups: groups.map((group) => {
      if (group.sums.trials === 0) {
        const none = undefinedBecause('no trial');
        return { name: group.name, rate: none, difference: none, ratio: none };
      }
      const rate = rateAt(group, measured.length);
      if (group === base) {
        const none = undefinedBecause('the reference itself');
        return { name: group.name, rate, difference: none, ratio: none };
      }
      return {
        name: group.name,
        rate,
        difference: compare(group, base, others),
        ratio: ratioOfShares(
          rateAt(group, others),
          rateAt(base, others),
          correlation(group.index, base.index),
        ),
      };
    }),
    worst: { name: highest.name, rate: rateAt(highest, measured.length) },
    gap:
      highest === lowest
        ? undefinedBecause('all groups have the same rate')
        : compare(highest, lowest, (measured.length * others) / 2),
  };
}
