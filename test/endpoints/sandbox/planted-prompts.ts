import { sha256OfBytes } from '../../../src/core/ids.ts';
import type { Intent } from '../../../src/core/prompt.ts';
import type { SandboxKnowledge } from '../../../src/endpoints/sandbox/knowledge.ts';

/** Prompts without a risky word, so that only what was planted decides. */
export function plantedPrompts(intent: Intent, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${intent} garden number ${index}`);
}

export function knowledgeOf(
  prompts: readonly string[],
  knowledge: SandboxKnowledge,
): Map<string, SandboxKnowledge> {
  return new Map(prompts.map((prompt) => [sha256OfBytes(prompt), knowledge]));
}

/** Whether a count lies within four standard deviations of what a probability predicts. */
export function withinBand(count: number, trials: number, probability: number): boolean {
  const deviation = Math.sqrt(trials * probability * (1 - probability));
  return Math.abs(count - trials * probability) <= 4 * deviation;
}
