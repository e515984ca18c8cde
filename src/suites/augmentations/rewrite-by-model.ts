import { z } from 'zod';
import type { ChatClient, ChatOutcome, ChatRequest } from '../../net/chat.ts';
import { chatError } from '../../net/chat-client.ts';
import { jsonInAnswer } from '../../net/json-in-answer.ts';
import type { ModelAugmentation, SkipReason } from './augmentation.ts';
import { stretchesOf } from './protected-text.ts';
import { fillTemplate, type Template } from './templates.ts';

const answerSchema = z.looseObject({ text: z.string().refine((text) => text.trim() !== '') });
const ANSWER_FORM = 'Answer with a JSON object alone: {"text": "<the rewritten request>"}.';
const MAX_TOKENS = 2_000;

export type Rewritten =
  | { readonly kind: 'text'; readonly text: string; readonly model: string }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

/**
 * Has a model rewrite a text. Slots and quoted shown text are replaced by markers before and put
 * back after, so that no model can change them.
 *
 * @throws SafelightError where the server cannot be asked: that concerns every prompt.
 */
export async function rewriteByModel(
  augmentation: ModelAugmentation,
  template: Template,
  text: string,
  shownText: string | undefined,
  client: ChatClient,
  signal: AbortSignal,
): Promise<Rewritten> {
  const kept: string[] = [];
  const masked = stretchesOf(text, shownText)
    .map((stretch) => (stretch.isFree ? stretch.text : `[[${kept.push(stretch.text)}]]`))
    .join('');
  const request: ChatRequest = {
    messages: [
      {
        role: 'system',
        content: `${fillTemplate(template, augmentation.values)} ${ANSWER_FORM}`,
      },
      { role: 'user', content: masked },
    ],
    temperature: 0,
    maxTokens: MAX_TOKENS,
    responseFormat: { kind: 'json' },
  };
  const outcome = await completeAnyhow(client, request, signal);
  if (outcome.kind === 'refused') return { kind: 'skipped', reason: 'model_declined' };
  if (outcome.kind === 'failed') {
    if (outcome.cause === 'empty') return { kind: 'skipped', reason: 'model_unusable' };
    throw chatError(outcome);
  }
  const parsed = answerSchema.safeParse(jsonInAnswer(outcome.text));
  // Words without the form that was asked for are an excuse, or chatter around the answer.
  if (!parsed.success) return { kind: 'skipped', reason: 'model_unusable' };
  const restored = restore(parsed.data.text.trim(), kept);
  return restored === undefined
    ? { kind: 'skipped', reason: 'lost_part' }
    : { kind: 'text', text: restored, model: outcome.model };
}

/** Servers that know no response format are asked without. */
export async function completeAnyhow(
  client: ChatClient,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<ChatOutcome> {
  const outcome = await client.complete(request, signal);
  if (outcome.kind !== 'failed' || outcome.cause !== 'bad_request') return outcome;
  return client.complete({ ...request, responseFormat: undefined }, signal);
}

/** Undefined unless each marker stands there exactly once. */
function restore(text: string, kept: readonly string[]): string | undefined {
  const seen = [...text.matchAll(/\[\[(\d+)\]\]/g)].map(([, number]) => Number(number));
  const expected = kept.map((_, index) => index + 1);
  if (seen.toSorted((a, b) => a - b).join() !== expected.join()) return undefined;
  return text.replace(
    /\[\[(\d+)\]\]/g,
    (marker, number: string) => kept[Number(number) - 1] ?? marker,
  );
}
