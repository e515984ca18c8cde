import type { Prompt } from '../core/prompt.ts';
import { type StratumKey, stratumName, stratumOf } from './strata.ts';

export interface CoverageCell {
  /** In the order of the keys. */
  readonly values: readonly string[];
  readonly prompts: number;
  /** The unit that counts: augmentations and twins of one prompt say little more than it does. */
  readonly families: number;
  /** Whether it holds the least number of families. */
  readonly covered: boolean;
}

export interface Coverage {
  readonly keys: readonly StratumKey[];
  readonly minFamilies: number;
  /** Every combination of the values that occur or were asked for. */
  readonly cells: readonly CoverageCell[];
}

/** More cells than this are no matrix that anybody fills. */
export const MOST_CELLS = 100_000;

/**
 * The matrix of ASTRAL: all combinations of the values of several keys, with what a set of prompts
 * holds of each. Holds the names of the families of each cell.
 *
 * @param wanted values that shall be there although no prompt has them, by key.
 * @throws RangeError where there are more than {@link MOST_CELLS} combinations.
 */
export async function measureCoverage(
  prompts: AsyncIterable<Prompt>,
  keys: readonly StratumKey[],
  minFamilies: number,
  wanted: Partial<Record<StratumKey, readonly string[]>> = {},
): Promise<Coverage> {
  const values = keys.map((key) => new Set<string>(wanted[key] ?? []));
  const found = new Map<string, { prompts: number; readonly families: Set<string> }>();
  for await (const prompt of prompts) {
    const own = stratumOf(prompt, keys);
    for (const [index, value] of own.entries()) values[index]?.add(value);
    const name = stratumName(own);
    const cell = found.get(name) ?? { prompts: 0, families: new Set<string>() };
    found.set(name, cell);
    cell.prompts += 1;
    cell.families.add(prompt.family);
  }
  const size = values.reduce((product, set) => product * set.size, 1);
  if (size > MOST_CELLS) throw new RangeError(`${size} cells`);
  let combinations: string[][] = [[]];
  for (const set of values) {
    combinations = combinations.flatMap((head) => [...set].sort().map((tail) => [...head, tail]));
  }
  const cells = combinations.map((own) => {
    const cell = found.get(stratumName(own));
    const families = cell?.families.size ?? 0;
    return { values: own, prompts: cell?.prompts ?? 0, families, covered: families >= minFamilies };
  });
  return { keys, minFamilies, cells };
}
