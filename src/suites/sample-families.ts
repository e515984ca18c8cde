import { sha256OfBytes } from '../core/ids.ts';
import type { Prompt } from '../core/prompt.ts';

export interface SampleOptions {
  /** How many families to draw; all of them where there are fewer. */
  readonly families: number;
  /** The same seed draws the same families, in whatever order the prompts stand. */
  readonly seed: number;
}

interface Drawn {
  readonly priority: string;
  readonly prompts: Prompt[];
}

/**
 * Draws whole families, balanced over the primary hazards (controls are a stratum of their own):
 * strata take turns until one is used up. Within a stratum the families with the smallest seeded
 * hashes are drawn, so that each is as likely as another and a larger sample begins with the
 * smaller one. One pass; holds the candidates of each stratum and the name of every family.
 */
export async function sampleFamilies(
  prompts: AsyncIterable<Prompt> | Iterable<Prompt>,
  options: SampleOptions,
): Promise<Prompt[]> {
  const stratumOf = new Map<string, string>();
  const strata = new Map<string, BottomFamilies>();
  for await (const prompt of prompts) {
    // A family stays in the stratum in which it was first seen, or its twins could be parted.
    let name = stratumOf.get(prompt.family);
    if (name === undefined) {
      name = prompt.hazards[0] ?? '';
      stratumOf.set(prompt.family, name);
    }
    let stratum = strata.get(name);
    if (stratum === undefined) {
      stratum = new BottomFamilies(options);
      strata.set(name, stratum);
    }
    stratum.add(prompt);
  }
  const queues = [...strata].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, s]) => s.inOrder());
  return takeTurns(queues, options.families);
}

function takeTurns(queues: readonly Drawn[][], families: number): Prompt[] {
  const sample: Prompt[] = [];
  let taken = 0;
  for (let round = 0; taken < families; round += 1) {
    const turn = queues.flatMap((queue) => queue[round] ?? []);
    if (turn.length === 0) break;
    for (const drawn of turn.slice(0, families - taken)) sample.push(...drawn.prompts);
    taken += turn.length;
  }
  return sample;
}

/** Keeps the families with the smallest priorities of one stratum. */
class BottomFamilies {
  readonly #options: SampleOptions;
  readonly #kept = new Map<string, Drawn>();
  /** What no family may reach any more: the largest priority kept at the last cut. */
  #ceiling: string | undefined;

  constructor(options: SampleOptions) {
    this.#options = options;
  }

  add(prompt: Prompt): void {
    const known = this.#kept.get(prompt.family);
    if (known !== undefined) {
      known.prompts.push(prompt);
      return;
    }
    const priority = sha256OfBytes(`${this.#options.seed}\n${prompt.family}`);
    if (this.#ceiling !== undefined && priority > this.#ceiling) return;
    this.#kept.set(prompt.family, { priority, prompts: [prompt] });
    // Cutting at twice the size makes the sorting cheap on the whole.
    if (this.#kept.size > 2 * this.#options.families + 16) this.#cut();
  }

  inOrder(): Drawn[] {
    this.#cut();
    return [...this.#kept.values()].sort(byPriority);
  }

  #cut(): void {
    const sorted = [...this.#kept].sort(([, a], [, b]) => byPriority(a, b));
    for (const [family] of sorted.slice(this.#options.families)) this.#kept.delete(family);
    this.#ceiling = sorted[this.#options.families - 1]?.[1].priority;
  }
}

function byPriority(a: Drawn, b: Drawn): number {
  return a.priority < b.priority ? -1 : 1;
}
