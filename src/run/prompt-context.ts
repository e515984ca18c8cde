import type { Prompt } from '../core/prompt.ts';
import type { PromptContext } from '../detectors/detector.ts';

/** Marks the stand-in prompt of media that came without one. */
export const MEDIA_ONLY_TAG = 'media-only';

/** Data sets whose reasons were written to tell a judge what to look for. */
const RISK_REASON_SETS: ReadonlySet<string> = new Set(['T2I-RiskyPrompt']);

/** What a detector may know of the prompt: nothing where there was none. */
export function contextOf(prompt: Prompt): PromptContext | undefined {
  if (prompt.tags.includes(MEDIA_ONLY_TAG)) return undefined;
  // As the journal has it: without its text there is nothing that a detector could be told.
  if (prompt.sealed?.asked !== undefined) return undefined;
  return {
    text: prompt.text,
    shownText: prompt.shownText,
    language: prompt.language,
    pairs: prompt.hazards.map((hazard) => ({ hazard, carrier: prompt.carrier })),
    riskReason: RISK_REASON_SETS.has(prompt.origin.dataset) ? prompt.reason : undefined,
  };
}
