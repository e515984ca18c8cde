import { z } from 'zod';
import type { FindingDetail } from '../../core/finding.ts';
import type { ChatPart } from '../../net/chat.ts';
import { jsonInAnswer } from '../../net/json-in-answer.ts';
import { type AnswerForms, askYesNo, type FormedQuestion, sumCosts, unreadable } from './ask.ts';
import type { JudgeAbstention, JudgeClient, JudgeOptions } from './judge.ts';
import { buildMessages, type Question } from './question.ts';

export type Step = NonNullable<FindingDetail['steps']>[number];

/** What the constitution judge works with. */
export interface ClueTools {
  readonly client: JudgeClient;
  readonly options: JudgeOptions;
  readonly forms: AnswerForms;
  readonly question: Question;
  readonly reason: Question;
  /** Answers without the picture: one a question, whatever is looked at. */
  readonly blind: Map<string, ReturnType<typeof askYesNo>>;
}

/** What is looked at. */
export interface ClueSubject {
  readonly words: string;
  readonly parts: readonly ChatPart[];
  /** The same without its central object, or why that cannot be had. */
  readonly masked: readonly ChatPart[] | string;
}

export type Precondition =
  | {
      readonly kind: 'decided';
      readonly met: boolean;
      /** 0–1, from 0.5 on where it is met. */
      readonly score: number;
      readonly model: string;
      readonly steps: readonly Step[];
      readonly costUsd: number | null;
    }
  | (JudgeAbstention & { readonly steps: readonly Step[] });

// CLUE's limits: how far the picture must move an answer from what it is without any picture.
const NOT_MET_BELOW = -0.3;
const MET_ABOVE = 0.8;
const CENTRAL_ABOVE = 0.6;

const reasonSchema = z.looseObject({ rating: z.string().regex(/^\s*(yes|no)\b/i) });
const MAX_TOKENS = 500;

/** Decides one precondition: by likelihoods where they are clear, by reasoning where they are not. */
export async function decidePrecondition(
  id: string,
  text: string,
  subject: ClueSubject,
  tools: ClueTools,
  signal: AbortSignal,
): Promise<Precondition> {
  const { client, options, forms } = tools;
  const ask = (parts: readonly ChatPart[]): ReturnType<typeof askYesNo> =>
    askYesNo(
      client,
      formed(tools.question, text, subject.words, parts),
      forms,
      { ...options, structured: false },
      signal,
    );
  const blindKey = JSON.stringify([subject.words, text]);
  const isFirst = !tools.blind.has(blindKey);
  const blind = tools.blind.get(blindKey) ?? ask([]);
  tools.blind.set(blindKey, blind);
  const [seen, without] = await Promise.all([
    ask(subject.parts),
    blind.catch((error: unknown) => {
      tools.blind.delete(blindKey);
      throw error;
    }),
  ]);
  const costs = [seen.costUsd, isFirst ? without.costUsd : 0];
  if (without.kind === 'abstained') tools.blind.delete(blindKey);
  if (seen.kind === 'abstained') return { ...seen, steps: [], costUsd: sumCosts(costs) };
  if (without.kind === 'abstained') return { ...without, steps: [], costUsd: sumCosts(costs) };
  const steps: Step[] = [];
  const step = (name: string, state: Step['state'], note: string, value?: number): void => {
    steps.push({ id: `${id}/${name}`, state, note, ...(value === undefined ? {} : { value }) });
  };
  const decide = (met: boolean): Precondition => ({
    kind: 'decided',
    met,
    score: met ? (1 + seen.value) / 2 : Math.min(0.499, seen.value / 2),
    model: seen.model,
    steps,
    costUsd: sumCosts(costs),
  });
  const moved = seen.value - without.value;
  const note = `P(Yes) ${seen.value.toFixed(3)} with the picture, ${without.value.toFixed(3)} without: ${text}`;
  if (moved < NOT_MET_BELOW * without.value) {
    step('debiased', 'not_met', note, moved);
    return decide(false);
  }
  if (moved > MET_ABOVE * (1 - without.value)) {
    step('debiased', 'met', note, moved);
    return decide(true);
  }
  step('debiased', 'unsure', note, moved);

  if (typeof subject.masked === 'string') {
    step('central-object', 'not_run', subject.masked);
  } else {
    const masked = await ask(subject.masked);
    costs.push(masked.costUsd);
    if (masked.kind === 'abstained') {
      step('central-object', 'not_run', `not answered (${masked.code})`);
    } else {
      const central = seen.value - masked.value;
      const met = central > CENTRAL_ABOVE;
      const about = `P(Yes) ${masked.value.toFixed(3)} without the central object`;
      step('central-object', met ? 'met' : 'unsure', about, central);
      if (met) return decide(true);
    }
  }

  const { messages } = formed(tools.reason, text, subject.words, subject.parts);
  const reply = await client.ask(
    {
      messages: messages(''),
      maxTokens: MAX_TOKENS,
      responseFormat: { kind: 'json-schema', name: 'reasoned', schema: REASON_SCHEMA },
    },
    signal,
  );
  costs.push(reply.costUsd);
  if (reply.kind === 'abstained') return { ...reply, steps, costUsd: sumCosts(costs) };
  const parsed = reasonSchema.safeParse(jsonInAnswer(reply.text));
  if (!parsed.success) return { ...unreadable(reply), steps, costUsd: sumCosts(costs) };
  const met = /^\s*yes/i.test(parsed.data.rating);
  step('reasoning', met ? 'met' : 'not_met', 'reasoned about, since likelihoods left it in doubt');
  return decide(met);
}

function formed(
  question: Question,
  precondition: string,
  subject: string,
  parts: readonly ChatPart[],
): FormedQuestion {
  return {
    messages: (form) => buildMessages(question, { precondition, subject, form }, parts),
  };
}

const REASON_SCHEMA = {
  type: 'object',
  properties: { rationale: { type: 'string' }, rating: { type: 'string', enum: ['yes', 'no'] } },
  required: ['rationale', 'rating'],
  additionalProperties: false,
} as const;
