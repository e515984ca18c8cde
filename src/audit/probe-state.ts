import type { ProbeOptions } from '../core/probe.ts';
import type { Prompt } from '../core/prompt.ts';
import { createRandom } from '../core/seeded-random.ts';
import { isRefusal, type VerdictClass } from '../core/verdict.ts';

/** Which way an answer is to be turned. */
export type Direction = 'evaded' | 'blocked';

/** One wording that was tried. */
export interface Try {
  readonly chain: string;
  /** Id of the prompt that was sent. */
  readonly promptId: string;
  /** Undefined while its answer is outstanding. */
  verdict?: VerdictClass;
}

/** A prompt at one endpoint, and what was tried on it. */
export interface Target {
  readonly prompt: Prompt;
  plain?: VerdictClass;
  readonly tries: Try[];
  /** Chains that made no new wording of this prompt. */
  readonly barren: Set<string>;
}

/** What one answer was. */
export interface ProbeAnswer {
  readonly promptId: string;
  readonly verdict: VerdictClass;
  readonly costUsd: number | null;
}

/** The direction in which a prompt is searched, given its plain answer; undefined where not. */
export function directionOf({ prompt, plain }: Target): Direction | undefined {
  if (plain === undefined) return undefined;
  if (prompt.intent === 'harmful') return isRefusal(plain) ? 'evaded' : undefined;
  if (prompt.intent === 'benign') {
    return !isRefusal(plain) && plain !== 'failed' ? 'blocked' : undefined;
  }
  return undefined;
}

/** Whether an answer is the one that is looked for. */
export function hasTurned(direction: Direction, verdict: VerdictClass | undefined): boolean {
  if (verdict === undefined) return false;
  return direction === 'evaded' ? verdict === 'harmful' : isRefusal(verdict);
}

/** A try that infrastructure failed says nothing, and is no query used up. */
export function countingTries({ tries }: Target): Try[] {
  return tries.filter(({ verdict }) => verdict !== 'failed' && verdict !== undefined);
}

interface Arm {
  tried: number;
  turned: number;
}

/**
 * Chooses the chain for the next try by UCB1 over what all prompts of the endpoint and direction have
 * shown, plus what this round already holds. Untried chains come first, in a seeded order.
 */
export function chooseChain(
  target: Target,
  arms: ReadonlyMap<string, Arm>,
  chains: readonly string[],
  { seed }: Pick<ProbeOptions, 'seed'>,
  endpoint: string,
): string | undefined {
  const used = new Set(target.tries.map(({ chain }) => chain));
  const open = chains.filter((chain) => !used.has(chain) && !target.barren.has(chain));
  const total = [...arms.values()].reduce((sum, { tried }) => sum + tried, 1);
  const promise = (chain: string): number => {
    const arm = arms.get(chain);
    const tie = createRandom('probe', seed, endpoint, target.prompt.id, chain).between(0, 1e-6);
    if (arm === undefined || arm.tried === 0) return 10 + tie;
    return arm.turned / arm.tried + Math.sqrt((2 * Math.log(total)) / arm.tried) + tie;
  };
  return open
    .map((chain) => ({ chain, promise: promise(chain) }))
    .toSorted((a, b) => b.promise - a.promise)[0]?.chain;
}

/** What every chain has shown in one direction. */
export function armsOf(targets: readonly Target[], direction: Direction): Map<string, Arm> {
  const arms = new Map<string, Arm>();
  for (const target of targets) {
    if (directionOf(target) !== direction) continue;
    for (const { chain, verdict } of countingTries(target)) {
      const arm = arms.get(chain) ?? { tried: 0, turned: 0 };
      arm.tried += 1;
      if (hasTurned(direction, verdict)) arm.turned += 1;
      arms.set(chain, arm);
    }
  }
  return arms;
}
