import { sha256OfBytes } from '../core/ids.ts';
import type { Prompt } from '../core/prompt.ts';
import { type StratumKey, stratumName, stratumOf } from './strata.ts';

export interface StratifiedOptions {
  /** Prompts wanted; never more are drawn. */
  readonly prompts: number;
  readonly keys: readonly StratumKey[];
  /** The same seed draws the same families, in whatever order the prompts stand. */
  readonly seed: number;
}

export interface StratumCount {
  readonly stratum: string;
  /** An equal share of the prompts wanted. */
  readonly wanted: number;
  readonly drawn: number;
  readonly available: number;
}

export interface StratifiedSample {
  readonly families: ReadonlySet<string>;
  readonly prompts: number;
  readonly strata: readonly StratumCount[];
}

/**
 * Chooses whole families, so that strata come out as equal as families allow: the stratum that lacks
 * most gets the next of its families, in a seeded order, as long as one fits in what is left. Reads
 * the prompts once and holds a few numbers for each family.
 */
export async function sampleStrata(
  prompts: AsyncIterable<Prompt>,
  { prompts: wantedPrompts, keys, seed }: StratifiedOptions,
): Promise<StratifiedSample> {
  const members = new Map<string, Map<string, number>>();
  const available = new Map<string, number>();
  for await (const prompt of prompts) {
    const stratum = stratumName(stratumOf(prompt, keys));
    const family = members.get(prompt.family) ?? new Map<string, number>();
    members.set(prompt.family, family);
    family.set(stratum, (family.get(stratum) ?? 0) + 1);
    available.set(stratum, (available.get(stratum) ?? 0) + 1);
  }
  const names = [...available.keys()].sort();
  const share = names.length === 0 ? 0 : wantedPrompts / names.length;
  const order = [...members.keys()]
    .map((family) => ({ family, priority: sha256OfBytes(`${seed}\n${family}`) }))
    .sort((a, b) => (a.priority < b.priority ? -1 : 1));
  const queues = new Map(
    names.map((name) => [
      name,
      order.filter(({ family }) => members.get(family)?.has(name)).map(({ family }) => family),
    ]),
  );
  const drawn = new Map(names.map((name) => [name, 0]));
  const chosen = new Set<string>();
  let left = wantedPrompts;
  const open = new Set(names);
  while (left > 0 && open.size > 0) {
    const neediest = [...open].reduce((a, b) =>
      (drawn.get(a) ?? 0) <= (drawn.get(b) ?? 0) ? a : b,
    );
    const family = nextFamily(queues.get(neediest) ?? [], chosen, members, left);
    if (family === undefined) {
      open.delete(neediest);
      continue;
    }
    chosen.add(family);
    for (const [stratum, count] of members.get(family) ?? []) {
      drawn.set(stratum, (drawn.get(stratum) ?? 0) + count);
      left -= count;
    }
  }
  return {
    families: chosen,
    prompts: wantedPrompts - left,
    strata: names.map((stratum) => ({
      stratum,
      wanted: share,
      drawn: drawn.get(stratum) ?? 0,
      available: available.get(stratum) ?? 0,
    })),
  };
}

/** Takes families off the queue until one is new and fits. What does not fit now never will. */
function nextFamily(
  queue: string[],
  chosen: ReadonlySet<string>,
  members: ReadonlyMap<string, ReadonlyMap<string, number>>,
  left: number,
): string | undefined {
  for (let family = queue.shift(); family !== undefined; family = queue.shift()) {
    const size = [...(members.get(family)?.values() ?? [])].reduce((sum, count) => sum + count, 0);
    if (!chosen.has(family) && size <= left) return family;
  }
  return undefined;
}
