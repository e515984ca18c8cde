import { createHmac } from 'node:crypto';
import type { GeneratedEvent, JournalEvent } from '../core/journal-event.ts';
import { parseJournalLine, readJournalLines } from '../store/journal.ts';
import { sealEvent } from './seal-journal.ts';
import { SEALED_PLACEHOLDER, type SealedTexts, textsOf } from './sealed-texts.ts';

/** A journal's complete lines as they are. */
export async function* journalLines(journal: string): AsyncGenerator<string> {
  for await (const { text } of readJournalLines(journal)) yield `${text}\n`;
}

/**
 * A journal's lines with every prompt sealed, as if it came from a sealed suite: by keyed hash, with
 * what judging needs to know of its text. Jobs are left out: only a resume needs them.
 *
 * @param key thrown away afterwards, so that nobody can try texts against the hashes.
 */
export async function* sealedJournalLines(
  journal: string,
  key: Uint8Array,
): AsyncGenerator<string> {
  const textsByPrompt = new Map<string, SealedTexts>();
  const promptOfTrial = new Map<string, string>();
  for await (const line of readJournalLines(journal)) {
    const event = parseJournalLine(line);
    if (event.type === 'job') continue;
    const waiting = new Map<string, SealedTexts>();
    if (event.type === 'generated' && event.prompt.sealed === undefined) {
      const { id } = event.prompt;
      if (!textsByPrompt.has(id)) textsByPrompt.set(id, textsOf(event.prompt));
      promptOfTrial.set(event.trial.id, id);
    }
    if (event.type === 'detected') {
      const texts = textsByPrompt.get(promptOfTrial.get(event.trialId) ?? '');
      if (texts !== undefined) waiting.set(event.trialId, texts);
    }
    yield `${JSON.stringify(sealEvent(keyed(event, key), waiting))}\n`;
  }
}

function keyed(event: JournalEvent, key: Uint8Array): JournalEvent {
  if (event.type !== 'generated' || event.prompt.sealed !== undefined) return event;
  const hash = createHmac('sha256', key).update(event.prompt.text).digest('hex');
  const sealed: GeneratedEvent = { ...event, prompt: { ...event.prompt, sealed: { hash } } };
  // A provider's rewriting tells the prompt in other words.
  return event.revisedPrompt === undefined
    ? sealed
    : { ...sealed, revisedPrompt: SEALED_PLACEHOLDER };
}
