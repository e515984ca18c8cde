import type { GeneratedEvent, JournalEvent } from '../core/journal-event.ts';
import type { Prompt } from '../core/prompt.ts';
import { signsAskedFor } from '../judge/asked-for.ts';
import type { JournalWriter } from '../store/journal.ts';
import { type SealedTexts, scrubSealed, sealFindings, textsOf } from './sealed-texts.ts';

/** Stands where the text of a sealed prompt stood. */
const SEALED_REASON = 'sealed';

/** A journal that is never told the text of a sealed prompt, and gives it back on resume. */
export interface SealedJournal {
  readonly journal: JournalWriter;
  /** Puts the text back into an event that was read from the journal; it stays in memory. */
  readonly restore: (event: GeneratedEvent | undefined) => GeneratedEvent | undefined;
}

/**
 * @param prompts the run's prompts, read once: only sealed ones are kept.
 */
export async function sealJournal(
  journal: JournalWriter,
  prompts: AsyncIterable<Prompt>,
): Promise<SealedJournal> {
  const sealed = new Map<string, Prompt>();
  for await (const prompt of prompts)
    if (prompt.sealed !== undefined) sealed.set(prompt.id, prompt);
  if (sealed.size === 0) return { journal, restore: (event) => event };
  // By trial, until its detection is written.
  const waiting = new Map<string, SealedTexts>();
  return {
    journal: {
      ...journal,
      append: (event) => journal.append(sealEvent(event, waiting)),
    },
    restore(event) {
      const prompt = event === undefined ? undefined : sealed.get(event.prompt.id);
      if (event === undefined || prompt === undefined) return event;
      waiting.set(event.trial.id, textsOf(prompt));
      return { ...event, prompt };
    },
  };
}

/** An event as it may be written. */
export function sealEvent(event: JournalEvent, waiting: Map<string, SealedTexts>): JournalEvent {
  if (event.type === 'generated' && event.prompt.sealed !== undefined) {
    const texts = textsOf(event.prompt);
    if (event.outcome.kind === 'media') waiting.set(event.trial.id, texts);
    const { prompt, trial, ...rest } = event;
    return { ...scrubSealed(rest, texts), trial, prompt: sealPrompt(prompt) };
  }
  if (event.type === 'detected') {
    const texts = waiting.get(event.trialId);
    if (texts === undefined) return event;
    waiting.delete(event.trialId);
    return { ...event, findings: scrubSealed(sealFindings(event.findings), texts) };
  }
  return event;
}

/** By id and keyed hash alone, with what judging needs to know of the text. */
function sealPrompt(prompt: Prompt): Prompt {
  const { shownText: _shownText, sealed, ...rest } = prompt;
  const hash = sealed?.hash ?? '';
  return {
    ...rest,
    text: `⟨sealed ${hash.slice(0, 16)}⟩`,
    reason: SEALED_REASON,
    sealed: { hash, asked: [...signsAskedFor(prompt)] },
  };
}
