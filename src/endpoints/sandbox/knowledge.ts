import type { Carrier, HazardId } from '../../core/hazard.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import type { Intent, Prompt } from '../../core/prompt.ts';
import { guessFromWords, quotedText } from './lexicon.ts';

/** The planted truth about one prompt: what a perfect filter would know of it. */
export interface SandboxKnowledge {
  readonly intent: Intent;
  /** The primary hazard first. */
  readonly hazards: readonly HazardId[];
  readonly carrier: Carrier;
  /** The words that the picture is asked to show. */
  readonly shownText?: string | undefined;
}

/** Keyed by `sha256OfBytes` of the prompt's text. */
export type KnowledgeByPrompt = ReadonlyMap<string, SandboxKnowledge>;

/** Gathers what a run knows of its prompts, a few hundred bytes each. */
export async function collectSandboxKnowledge(
  prompts: Iterable<Prompt> | AsyncIterable<Prompt>,
): Promise<Map<string, SandboxKnowledge>> {
  const knowledge = new Map<string, SandboxKnowledge>();
  for await (const { text, intent, hazards, carrier, shownText } of prompts) {
    const key = sha256OfBytes(text);
    // Two rows may hold one text: the sandbox then takes the graver view, whatever their order.
    if (knowledge.get(key)?.intent === 'harmful' && intent !== 'harmful') continue;
    knowledge.set(key, { intent, hazards, carrier, shownText });
  }
  return knowledge;
}

/** What the sandbox holds of a prompt: what it was told, else what the words suggest. */
export function assessPrompt(promptText: string, knowledge: KnowledgeByPrompt): SandboxKnowledge {
  const known = knowledge.get(sha256OfBytes(promptText));
  if (known === undefined) return guessFromWords(promptText);
  return { ...known, shownText: known.shownText ?? quotedText(promptText) };
}
