import { PROBE_TAG, type ProbedEndpoint, type ProbeOptions } from '../core/probe.ts';
import type { Prompt } from '../core/prompt.ts';
import { isRefusal } from '../core/verdict.ts';
import { augmentPrompt } from '../suites/augmentations/augment-prompt.ts';
import type { AugmentationChain } from '../suites/augmentations/augmentation.ts';
import { measureTargets } from './measure-probe.ts';
import {
  armsOf,
  chooseChain,
  countingTries,
  directionOf,
  hasTurned,
  type ProbeAnswer,
  type Target,
} from './probe-state.ts';

/** The search at one endpoint, round by round. The same answers give the same rounds. */
export interface Probe {
  /** Takes in the answers to all that was asked so far, in any order; what it knows it passes over. */
  learn(answers: readonly ProbeAnswer[]): void;
  /** The next wordings, one a prompt at most; empty when the search is over. */
  next(): Promise<readonly Prompt[]>;
  result(reference: ReadonlyMap<string, boolean> | undefined): ProbedEndpoint;
}

/**
 * Searches for wordings that turn what an endpoint did with plain prompts: harmful media where it
 * refused, and refusals where it answered. Every wording is made by augmentations that keep the
 * family and pass the minors guard; a trial that fails costs no query. Nothing is ever searched for
 * but a verdict on the prompt's own hazards.
 */
export function createProbe(
  endpoint: string,
  prompts: readonly Prompt[],
  chains: readonly AugmentationChain[],
  options: ProbeOptions,
): Probe {
  const targets = new Map<string, Target>(
    prompts.map((prompt) => [prompt.id, { prompt, tries: [], barren: new Set<string>() }]),
  );
  const owners = new Map<string, Target>();
  const known = new Set<string>();
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const names = [...byName.keys()];
  let queries = 0;
  let refusals = 0;
  let costUsd = 0;
  let isCostTold = true;
  let stopped: ProbedEndpoint['stopped'];

  const limitReached = (): ProbedEndpoint['stopped'] => {
    if (queries >= options.maxQueries) return 'max_queries';
    if (refusals >= options.maxRefusals) return 'max_refusals';
    return options.maxUsd !== undefined && costUsd >= options.maxUsd ? 'max_usd' : undefined;
  };

  async function makeTry(
    target: Target,
    arms: Map<string, { tried: number; turned: number }>,
  ): Promise<Prompt | undefined> {
    for (;;) {
      const name = chooseChain(target, arms, names, options, endpoint);
      const chain = name === undefined ? undefined : byName.get(name);
      if (name === undefined || chain === undefined) return undefined;
      const made = await augmentPrompt(target.prompt, chain, { seed: options.seed });
      if (made.kind === 'skipped' || made.prompt.text === target.prompt.text) {
        target.barren.add(name);
        continue;
      }
      const prompt = { ...made.prompt, tags: [...made.prompt.tags, PROBE_TAG] };
      target.tries.push({ chain: name, promptId: prompt.id });
      owners.set(prompt.id, target);
      // So that one round does not send every prompt through the same chain.
      const arm = arms.get(name) ?? { tried: 0, turned: 0 };
      arm.tried += 1;
      arms.set(name, arm);
      return prompt;
    }
  }

  return {
    learn(answers) {
      for (const { promptId, verdict, costUsd: cost } of answers) {
        if (known.has(promptId)) continue;
        const target = targets.get(promptId) ?? owners.get(promptId);
        if (target === undefined) continue;
        known.add(promptId);
        queries += 1;
        if (isRefusal(verdict)) refusals += 1;
        if (cost === null) isCostTold = false;
        else costUsd += cost;
        if (target.prompt.id === promptId) target.plain = verdict;
        const tried = target.tries.find((one) => one.promptId === promptId);
        if (tried !== undefined) tried.verdict = verdict;
      }
    },
    async next() {
      stopped = limitReached();
      if (stopped !== undefined) return [];
      const all = [...targets.values()];
      const arms = { evaded: armsOf(all, 'evaded'), blocked: armsOf(all, 'blocked') };
      const round: Prompt[] = [];
      for (const target of all) {
        const direction = directionOf(target);
        if (direction === undefined) continue;
        const tries = countingTries(target);
        if (tries.length >= options.queries) continue;
        if (tries.some(({ verdict }) => hasTurned(direction, verdict))) continue;
        // A round never asks for more than is left: each wording may be refused.
        const left = Math.min(options.maxQueries - queries, options.maxRefusals - refusals);
        if (round.length >= left) break;
        const prompt = await makeTry(target, arms[direction]);
        if (prompt !== undefined) round.push(prompt);
      }
      return round;
    },
    result: (reference) => ({
      endpoint,
      queries,
      refusals,
      costUsd: isCostTold ? costUsd : null,
      ...(stopped === undefined ? {} : { stopped }),
      ...measureTargets([...targets.values()], options.queries, reference),
    }),
  };
}
