import type { Prompt } from '../core/prompt.ts';
import type { Until } from '../core/until.ts';
import { placeInOrder } from '../judge/until.ts';

/** Looks are cheap beside answers, and each reads the journal again. */
const LOOKS_MAX = 25;
const FAMILIES_MIN = 10;

/** Whole families in a seeded random order, in batches; a run may stop behind each. */
export async function untilBatches(
  prompts: AsyncIterable<Prompt>,
  until: Until,
): Promise<readonly (readonly Prompt[])[]> {
  const families = new Map<string, Prompt[]>();
  for await (const prompt of prompts) {
    const known = families.get(prompt.family);
    if (known === undefined) families.set(prompt.family, [prompt]);
    else known.push(prompt);
  }
  const ordered = [...families].toSorted(([a], [b]) =>
    placeInOrder(a, until.seed) < placeInOrder(b, until.seed) ? -1 : 1,
  );
  const size = Math.max(FAMILIES_MIN, Math.ceil(ordered.length / LOOKS_MAX));
  const batches: Prompt[][] = [];
  for (let at = 0; at < ordered.length; at += size) {
    batches.push(ordered.slice(at, at + size).flatMap(([, family]) => family));
  }
  return batches;
}
