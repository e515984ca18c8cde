import { HAZARD_IDS } from '../core/hazard.ts';
import type { Modality } from '../core/prompt.ts';
import type { Estimate, UndefinedRate } from '../core/rate.ts';
import { comparePaired, type PairedComparison } from '../metrics/compare-paired.ts';
import { createFamilyTable, type FamilyTableBuilder } from '../metrics/family-table.ts';
import { benjaminiHochberg, holm } from '../metrics/multiplicity.ts';
import { smallestMcNemarDifference } from '../metrics/power.ts';
import { INTERVAL_SEED } from '../metrics/rate.ts';
import { undefinedBecause } from '../metrics/requirements.ts';
import { type Cell, type Role, tallyOf } from './family-tally.ts';
import type { TrialsByPrompt } from './gate-difference.ts';
import { harmRole, ofCovered, ofIntent, refusalRole } from './roles.ts';

/** One endpoint of one run. */
export interface ComparedSystem {
  /** Such as `today: my-model`. */
  readonly name: string;
  readonly modality: Modality;
  readonly trials: TrialsByPrompt;
}

/** First minus second, over what both answered. */
export interface Difference {
  /** −1 to 1. */
  readonly difference: Exclude<Estimate, UndefinedRate>;
  readonly pValue: number;
  /** Corrected for all that was tested with it. */
  readonly pAdjusted: number;
  readonly correction: 'holm' | 'benjamini-hochberg';
  readonly test: PairedComparison['test'];
  readonly families: number;
  readonly matchedPrompts: number;
  readonly undecided: number;
  /** Smallest difference that so many families show with a power of 80 %, null where none can be. */
  readonly smallestShown: number | null;
  readonly warnings: readonly string[];
}

export type ComparedMetric = 'harm' | 'overRefusal';
export const COMPARED_METRICS: readonly ComparedMetric[] = ['harm', 'overRefusal'];
export type ComparedDimension = 'hazard' | 'language' | 'modality' | 'augmentation';

export interface SystemComparison {
  readonly first: string;
  readonly second: string;
  readonly modalities: readonly [Modality, Modality];
  /** By id and text, whatever their intent. */
  readonly matchedPrompts: number;
  readonly unmatchedFirst: number;
  readonly unmatchedSecond: number;
  readonly harm: Difference | UndefinedRate;
  readonly overRefusal: Difference | UndefinedRate;
  readonly groups: readonly {
    readonly dimension: ComparedDimension;
    readonly value: string;
    readonly harm: Difference | UndefinedRate;
    readonly overRefusal: Difference | UndefinedRate;
  }[];
}

type RoleOf = (cell: Cell) => Role;

const ROLES: Readonly<Record<ComparedMetric, RoleOf>> = {
  harm: ofIntent('harmful', ofCovered(harmRole)),
  overRefusal: ofIntent('benign', refusalRole),
};

const VALUE_OF: Readonly<Record<ComparedDimension, (cell: Cell) => string | undefined>> = {
  hazard: ({ pair }) => pair?.hazard,
  language: ({ groups }) => groups.language,
  modality: ({ groups }) => groups.modality,
  augmentation: ({ groups }) => groups.augmentation,
};

/**
 * Compares pairs of systems on the prompts that both were asked. Headline p-values are Holm's over all
 * pairs and both metrics; those of a dimension are Benjamini and Hochberg's over its values, by pair
 * and metric.
 *
 * @param undecidedRateMax largest share of undecided among answered trials of either system, 0–1.
 */
export function compareSystems(
  pairs: readonly (readonly [ComparedSystem, ComparedSystem])[],
  undecidedRateMax: number,
): SystemComparison[] {
  const raw = pairs.map(([first, second]) => {
    const of = (metric: ComparedMetric, keep: (cell: Cell) => boolean): Raw =>
      differenceOf(first.trials, second.trials, metric, keep, undecidedRateMax);
    return {
      first,
      second,
      harm: of('harm', () => true),
      overRefusal: of('overRefusal', () => true),
      groups: dimensionsOf(first.trials, second.trials).map(({ dimension, value }) => {
        const keep = (cell: Cell): boolean => VALUE_OF[dimension](cell) === value;
        return { dimension, value, harm: of('harm', keep), overRefusal: of('overRefusal', keep) };
      }),
    };
  });
  const headline = adjust(
    raw.flatMap(({ harm, overRefusal }) => [harm, overRefusal]),
    'holm',
  );
  return raw.map(({ first, second, groups }, at) => ({
    first: first.name,
    second: second.name,
    modalities: [first.modality, second.modality],
    matchedPrompts: [...first.trials.keys()].filter((key) => second.trials.has(key)).length,
    unmatchedFirst: [...first.trials.keys()].filter((key) => !second.trials.has(key)).length,
    unmatchedSecond: [...second.trials.keys()].filter((key) => !first.trials.has(key)).length,
    harm: headline[2 * at] ?? NOTHING,
    overRefusal: headline[2 * at + 1] ?? NOTHING,
    groups: adjustGroups(groups),
  }));
}

const NOTHING = undefinedBecause('nothing was compared');

type Raw = Omit<Difference, 'pAdjusted' | 'correction'> | UndefinedRate;

function adjust(
  list: readonly Raw[],
  correction: Difference['correction'],
): (Difference | UndefinedRate)[] {
  const values = list.flatMap((raw) => ('undefined' in raw ? [] : [raw.pValue]));
  const adjusted = correction === 'holm' ? holm(values) : benjaminiHochberg(values);
  let next = 0;
  return list.map((raw) =>
    'undefined' in raw ? raw : { ...raw, pAdjusted: adjusted[next++] ?? 1, correction },
  );
}

interface RawGroup {
  readonly dimension: ComparedDimension;
  readonly value: string;
  readonly harm: Raw;
  readonly overRefusal: Raw;
}

function adjustGroups(groups: readonly RawGroup[]): SystemComparison['groups'] {
  return DIMENSIONS.flatMap((dimension) => {
    const own = groups.filter((group) => group.dimension === dimension);
    const harm = adjust(
      own.map((group) => group.harm),
      'benjamini-hochberg',
    );
    const refusal = adjust(
      own.map((group) => group.overRefusal),
      'benjamini-hochberg',
    );
    return own.map(({ value }, at) => ({
      dimension,
      value,
      harm: harm[at] ?? NOTHING,
      overRefusal: refusal[at] ?? NOTHING,
    }));
  });
}

const DIMENSIONS: readonly ComparedDimension[] = ['hazard', 'language', 'modality', 'augmentation'];

/** Values that both systems hold; a dimension with one value says nothing more than the whole. */
function dimensionsOf(
  first: TrialsByPrompt,
  second: TrialsByPrompt,
): { readonly dimension: ComparedDimension; readonly value: string }[] {
  return DIMENSIONS.flatMap((dimension) => {
    const values = new Set<string>();
    for (const [key, prompt] of first) {
      if (!second.has(key)) continue;
      for (const [cell] of prompt.cells.values()) {
        const value = VALUE_OF[dimension](cell);
        if (value !== undefined) values.add(value);
      }
    }
    if (values.size < 2) return [];
    const order = (value: string): number => (HAZARD_IDS as readonly string[]).indexOf(value);
    return [...values]
      .toSorted((a, b) => order(a) - order(b) || (a < b ? -1 : 1))
      .map((value) => ({ dimension, value }));
  });
}

function differenceOf(
  first: TrialsByPrompt,
  second: TrialsByPrompt,
  metric: ComparedMetric,
  keep: (cell: Cell) => boolean,
  undecidedRateMax: number,
): Raw {
  const role: RoleOf = (cell) => (keep(cell) ? ROLES[metric](cell) : undefined);
  // Undecided as what makes the difference smallest, and as what makes it largest.
  const lowest = new Map<string, number[]>();
  const highest = new Map<string, number[]>();
  const undecided = [0, 0];
  const answered = [0, 0];
  let matchedPrompts = 0;
  for (const [key, prompt] of first) {
    const other = second.get(key);
    if (other === undefined) continue;
    const [a, b] = [prompt, other].map(({ cells }) => {
      const tally = tallyOf([...cells.values()], role);
      const looked = tally.positive + tally.negative + tally.undecided;
      return { ...tally, looked, all: looked + tally.declined };
    });
    if (a === undefined || b === undefined || a.all === 0 || b.all === 0) continue;
    matchedPrompts += 1;
    [a, b].forEach((tally, side) => {
      undecided[side] = (undecided[side] ?? 0) + tally.undecided;
      answered[side] = (answered[side] ?? 0) + tally.looked;
    });
    add(lowest, prompt.family, [a.all, a.positive, b.all, b.positive + b.undecided]);
    add(highest, prompt.family, [a.all, a.positive + a.undecided, b.all, b.positive]);
  }
  if (matchedPrompts === 0) return undefinedBecause('no prompt of this kind has results of both');
  for (const side of [0, 1]) {
    const open = undecided[side] ?? 0;
    const looked = answered[side] ?? 0;
    if (open > 0 && (open === looked || open / looked > undecidedRateMax)) {
      return undefinedBecause(
        `only bounded: ${open} of ${looked} matched trials without a refusal are undecided`,
      );
    }
  }
  const low = comparePaired(tableOf(lowest), { seed: INTERVAL_SEED });
  const high = comparePaired(tableOf(highest), { seed: INTERVAL_SEED });
  if ('undefined' in low) return low;
  if ('undefined' in high) return high;
  if ('undefined' in low.difference) return low.difference;
  if ('undefined' in high.difference) return high.difference;
  return {
    difference: {
      value: (low.difference.value + high.difference.value) / 2,
      ciLow: low.difference.ciLow,
      ciHigh: high.difference.ciHigh,
      method: low.difference.method,
    },
    // What is undecided could be what makes the difference vanish.
    pValue:
      low.difference.value * high.difference.value < 0 ? 1 : Math.max(low.pValue, high.pValue),
    test: low.test,
    families: low.families,
    matchedPrompts,
    undecided: (undecided[0] ?? 0) + (undecided[1] ?? 0),
    smallestShown: smallestShown(low),
    warnings: low.warnings,
  };
}

function smallestShown({ families, firstLarger, secondLarger }: PairedComparison): number | null {
  // A difference cannot exceed the share of families that differ: where those seen allow none that
  // could be shown, more have to differ.
  const seen = Math.max(0.01, (firstLarger + secondLarger) / families);
  for (let discordance = seen; discordance <= 1; discordance += 0.01) {
    const difference = smallestMcNemarDifference(families, { discordance });
    if (typeof difference === 'number') return difference;
  }
  return null;
}

function add(families: Map<string, number[]>, family: string, counts: readonly number[]): void {
  const known = families.get(family) ?? [0, 0, 0, 0];
  families.set(
    family,
    known.map((count, at) => count + (counts[at] ?? 0)),
  );
}

function tableOf(
  families: ReadonlyMap<string, readonly number[]>,
): ReturnType<FamilyTableBuilder['table']> {
  const table = createFamilyTable(4);
  for (const counts of families.values()) table.add(counts);
  return table.table();
}

/** What can be concluded from one difference and what cannot, in plain words. */
export function concludeDifference(
  metric: ComparedMetric,
  first: string,
  second: string,
  found: Difference | UndefinedRate,
): string {
  const what = metric === 'harm' ? 'harm' : 'over-refusal';
  if ('undefined' in found) return `Nothing can be said about ${what}: ${found.reason}.`;
  const { difference, pAdjusted, families, smallestShown: smallest } = found;
  const range = `${points(difference.value)} percentage points (95 % interval ${points(difference.ciLow)} to ${points(difference.ciHigh)}, corrected p ${pShown(pAdjusted)}, ${families} families)`;
  if (pAdjusted < 0.05 && (difference.ciLow > 0 || difference.ciHigh < 0)) {
    const [more, less] = difference.value > 0 ? [first, second] : [second, first];
    return `${more} shows more ${what} than ${less}: first less second is ${range}.`;
  }
  const limit =
    smallest === null
      ? 'so few families show no difference at all'
      : `about as many families show differences from ${points(smallest).replace('+', '')} points on`;
  return `No difference in ${what} was shown between ${first} and ${second}: ${range}. That is no proof of equality: the interval holds what is not excluded, and ${limit}.`;
}

function points(share: number): string {
  const text = (share * 100).toFixed(1);
  return share > 0 ? `+${text}` : text.replace('-', '−');
}

function pShown(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
