import { createRandom } from '../core/seeded-random.ts';
import { createTaskQueue } from '../run/concurrency.ts';
import type { AuditEvent, AuditRecords, Searched } from './audit-journal.ts';
import { type AnswerOf, type Decision, isInScope, singleFilter } from './decide.ts';
import { type DetectorFilter, readsSide } from './filter.ts';
import type { FoundPrompts } from './found-prompts.ts';
import { askFilter } from './observe.ts';
import { augmentSample, textVariant } from './prompt-perturbations.ts';
import type { AuditInputs } from './run-audit.ts';
import { type AuditSample, sampleSide } from './sample.ts';
import { chainsOf } from './search-chains.ts';
import { searchPixels } from './search-pixels.ts';

/** A black-box search for what turns a filter's right decisions. */
export interface SearchPlan {
  readonly id: string;
  readonly side: 'prompt' | 'media';
  /** Queries a sample. */
  readonly budget: number;
  /** Samples of each direction and filter, at most. */
  readonly samples: number;
  readonly pixels?: { readonly norm: 'linf' | 'l2'; readonly epsilon: number };
  /** Augmentations a chain, at most. */
  readonly chainLength?: number;
}

/** Searches around every correctly decided sample that is drawn for it. */
export async function searchSamples(
  inputs: AuditInputs,
  records: AuditRecords,
  append: (event: AuditEvent) => Promise<void>,
  found: FoundPrompts,
): Promise<void> {
  const plain: AnswerOf = (filter, sample) =>
    records.observed.get('plain')?.get(sample)?.answers[filter];
  const done = new Set(records.searched.map(keyOf));
  for (const plan of inputs.searches) {
    for (const filter of inputs.filters.filter((one) => readsSide(one, plan.side))) {
      const arms = new Map<string, Arm>();
      for (const past of records.searched) {
        if (past.search === plan.id && past.filter === filter.id) learn(arms, past);
      }
      const drawn = drawSamples(inputs, plan, filter, plain);
      const open = drawn.filter(
        (sample) => !done.has(keyOf({ search: plan.id, filter: filter.id, sample: sample.id })),
      );
      inputs.onSearch(filter.id, open.length);
      const end = async (sample: AuditSample, ended: Ended): Promise<void> => {
        const event: Searched = {
          type: 'searched',
          ...{ search: plan.id, filter: filter.id, sample: sample.id },
          direction: sample.unsafe ? 'evaded' : 'blocked',
          ...ended,
        };
        learn(arms, event);
        await append(event);
        inputs.onSearched();
      };
      if (plan.side === 'prompt') {
        // One after the other: each learns from those before it.
        for (const sample of open) {
          inputs.signal.throwIfAborted();
          await end(sample, await searchPrompt(inputs, plan, filter, sample, arms, found));
        }
        continue;
      }
      const queue = createTaskQueue(inputs.concurrency, inputs.concurrency);
      for (const sample of open) {
        await queue.push(async () => {
          inputs.signal.throwIfAborted();
          await end(sample, await searchMedium(inputs, plan, filter, sample));
        });
      }
      await queue.drain();
    }
  }
}

function keyOf({ search, filter, sample }: Pick<Searched, 'search' | 'filter' | 'sample'>): string {
  return JSON.stringify([search, filter, sample]);
}

/** Correctly decided ones, in a seeded order, as many of each direction as the plan says. */
function drawSamples(
  { samples, seed }: AuditInputs,
  plan: SearchPlan,
  filter: DetectorFilter,
  plain: AnswerOf,
): AuditSample[] {
  const measured = singleFilter(filter, plan.side, plain);
  const right = samples
    .filter((sample) => sampleSide(sample) === plan.side && isInScope(measured, sample, null))
    .filter((sample) => sample.filters?.includes(filter.id) ?? true)
    .filter((sample) => {
      const decision = measured.decide(sample, null);
      return decision.kind === 'decided' && decision.flagged === sample.unsafe;
    })
    .map((sample) => ({ sample, place: createRandom('search', seed, sample.id).between(0, 1) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ sample }) => sample);
  const of = (unsafe: boolean): AuditSample[] =>
    right.filter((sample) => sample.unsafe === unsafe).slice(0, plan.samples);
  return [...of(true), ...of(false)];
}

type Ended = Pick<Searched, 'turned' | 'queries' | 'stopped'> & Pick<Searched, 'tried' | 'by'>;

async function searchMedium(
  inputs: AuditInputs,
  plan: SearchPlan,
  filter: DetectorFilter,
  sample: AuditSample,
): Promise<Ended> {
  if (sample.content.kind !== 'media' || plan.pixels === undefined) {
    return { turned: false, queries: 0, stopped: 0 };
  }
  const opened = await inputs.openMedia(await sample.content.read(), inputs.signal);
  if (opened.kind !== 'image') return { turned: false, queries: 0, stopped: 0 };
  let parked = false;
  const ended = await searchPixels(
    opened.image,
    { ...plan.pixels, budget: plan.budget, towards: sample.unsafe ? 'lower' : 'higher' },
    createRandom('square search', inputs.seed, plan.id, filter.id, sample.id),
    async (image) => {
      const media = { ...opened, image, bytes: new Uint8Array(0) };
      const answer = await askFilter(filter, sample, media, inputs);
      // Nothing that is taken for a depiction of minors is searched on.
      if ((answer.scores.child_safety?.[0] ?? 0) > 0) {
        parked = true;
        return undefined;
      }
      return margin(filter, sample, () => answer);
    },
  );
  return { turned: ended.turned && !parked, queries: ended.queries, stopped: parked ? 1 : 0 };
}

/** How far a decision is from turning: below 0 it has turned. Undefined where it abstained. */
function margin(
  filter: DetectorFilter,
  sample: AuditSample,
  answerOf: AnswerOf,
): { readonly turned: boolean; readonly score: number } | undefined {
  const decision: Decision = singleFilter(filter, sampleSide(sample), answerOf).decide(
    sample,
    null,
  );
  if (decision.kind === 'undecided') return undefined;
  return { turned: decision.flagged !== sample.unsafe, score: decision.score };
}

interface Arm {
  tried: number;
  turned: number;
}

function learn(arms: Map<string, Arm>, { tried, by }: Pick<Searched, 'tried' | 'by'>): void {
  for (const [chain, count] of Object.entries(tried ?? {})) {
    const arm = arms.get(chain) ?? { tried: 0, turned: 0 };
    arm.tried += count;
    if (chain === by) arm.turned += 1;
    arms.set(chain, arm);
  }
}

/**
 * A bandit over chains: each query takes the untried chain with the highest upper confidence bound
 * (UCB1) of turning a decision, learned over the samples before.
 */
async function searchPrompt(
  inputs: AuditInputs,
  plan: SearchPlan,
  filter: DetectorFilter,
  sample: AuditSample,
  arms: ReadonlyMap<string, Arm>,
  found: FoundPrompts,
): Promise<Ended> {
  if (sample.content.kind !== 'prompt') return { turned: false, queries: 0, stopped: 0 };
  const { prompt } = sample.content;
  const random = createRandom('bandit', inputs.seed, plan.id, filter.id, sample.id);
  const chains = chainsOf(inputs.augmentations, plan.chainLength ?? 1);
  const total = [...arms.values()].reduce((sum, { tried }) => sum + tried, 1);
  const promise = (name: string): number => {
    const arm = arms.get(name);
    if (arm === undefined) return 2 + random.between(0, 1);
    return arm.turned / arm.tried + Math.sqrt((2 * Math.log(total)) / arm.tried);
  };
  const ordered = chains
    .map((chain) => ({ chain, promise: promise(chain.name) }))
    .toSorted((a, b) => b.promise - a.promise);
  const tried: Record<string, number> = {};
  let queries = 0;
  let stopped = 0;
  for (const { chain } of ordered) {
    if (queries >= plan.budget) break;
    inputs.signal.throwIfAborted();
    const made = await augmentSample(prompt, textVariant(chain), inputs.seed);
    if (typeof made === 'string') {
      if (made === 'minors_guard') stopped += 1;
      continue;
    }
    queries += 1;
    tried[chain.name] = 1;
    const answer = await askFilter(filter, sample, made, inputs);
    if (margin(filter, sample, () => answer)?.turned !== true) continue;
    await found.add({
      search: plan.id,
      sample: sample.id,
      filter: filter.id,
      chain: chain.name,
      text: made.text,
    });
    return { turned: true, queries, stopped, tried, by: chain.name };
  }
  return { turned: false, queries, stopped, tried };
}
