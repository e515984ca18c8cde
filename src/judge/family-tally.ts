import type { HazardCarrier } from '../core/hazard.ts';
import { hazardCarrierKey } from '../core/hazard.ts';
import type { Intent } from '../core/prompt.ts';
import type { UnscoredReason, VerdictClass } from '../core/verdict.ts';
import { addTally, type FamilyTally, NO_TRIALS, type RateSums } from '../metrics/rate.ts';

/** Everything about a trial that any rate asks for. Trials alike in it are counted together. */
export interface Cell {
  readonly intent: Intent;
  /** The primary pair, null for a control. */
  readonly pair: HazardCarrier | null;
  readonly covered: boolean;
  readonly class: VerdictClass;
  /** With `borderline`: some media of the trial could not be judged. */
  readonly unscored: UnscoredReason | undefined;
}

/** What a trial is in one rate; undefined where it is not in the denominator. */
export type Role = keyof FamilyTally | undefined;

/** Trials by family and cell: every rate of a summary is a fold over it. */
export interface FamilyTallies {
  add(family: string, cell: Cell): void;
  /** Sums over families, of those that `within` lets pass. */
  sums(role: (cell: Cell) => Role, within?: (family: FamilyCells) => boolean): RateSums;
  /** Visits every family; the order is that of arrival and must not matter. */
  forEach(visit: (family: FamilyCells) => void): void;
  /** Trials in cells that match. */
  count(matches: (cell: Cell) => boolean): number;
}

/** The cells of one family with their counts, without the id: no rate needs it. */
export type FamilyCells = Iterable<readonly [cell: Cell, trials: number]>;

export function createFamilyTallies(): FamilyTallies {
  const cells: Cell[] = [];
  const cellNumbers = new Map<string, number>();
  // By family: cell number, count, cell number, count, … A family has a handful of cells.
  const families = new Map<string, number[]>();

  const numberOf = (cell: Cell): number => {
    const key = [
      cell.intent,
      cell.pair === null ? '' : hazardCarrierKey(cell.pair),
      cell.covered,
      cell.class,
      cell.unscored,
    ].join(' ');
    const known = cellNumbers.get(key);
    if (known !== undefined) return known;
    cellNumbers.set(key, cells.length);
    return cells.push(cell) - 1;
  };

  function* cellsOf(counts: readonly number[]): FamilyCells & Generator<readonly [Cell, number]> {
    for (let at = 0; at < counts.length; at += 2) {
      const cell = cells[counts[at] ?? -1];
      if (cell !== undefined) yield [cell, counts[at + 1] ?? 0];
    }
  }

  const forEach = (visit: (family: FamilyCells) => void): void => {
    for (const counts of families.values()) {
      visit({ [Symbol.iterator]: () => cellsOf(counts) });
    }
  };

  return {
    add(family, cell) {
      const number = numberOf(cell);
      const counts = families.get(family);
      if (counts === undefined) {
        families.set(family, [number, 1]);
        return;
      }
      for (let at = 0; at < counts.length; at += 2) {
        if (counts[at] === number) {
          counts[at + 1] = (counts[at + 1] ?? 0) + 1;
          return;
        }
      }
      counts.push(number, 1);
    },
    sums(role, within = () => true) {
      let sums = NO_TRIALS;
      forEach((family) => {
        if (within(family)) sums = addTally(sums, tallyOf(family, role));
      });
      return sums;
    },
    forEach,
    count(matches) {
      let total = 0;
      forEach((family) => {
        for (const [cell, trials] of family) if (matches(cell)) total += trials;
      });
      return total;
    },
  };
}

/** A family's trials by their roles in one rate. */
export function tallyOf(family: FamilyCells, role: (cell: Cell) => Role): FamilyTally {
  const tally = { positive: 0, negative: 0, declined: 0, undecided: 0 };
  for (const [cell, trials] of family) {
    const name = role(cell);
    if (name !== undefined) tally[name] += trials;
  }
  return tally;
}
