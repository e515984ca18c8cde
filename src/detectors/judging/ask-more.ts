import { z } from 'zod';
import type { Carrier } from '../../core/hazard.ts';
import { type Severity, severitySchema } from '../../core/prompt.ts';
import { jsonInAnswer } from '../../net/json-in-answer.ts';
import type { JudgeClient } from './judge.ts';
import {
  type JudgeQuestions,
  partsOf,
  ruleValues,
  type Shown,
  subjectWords,
} from './judge-questions.ts';
import { buildMessages } from './question.ts';
import type { JudgeRule } from './rules.ts';

const MAX_TOKENS = 200;
/** A few words; what goes on longer is cut. */
const OTHER_LIMIT = 200;

const severityAnswer = z.looseObject({ severity: severitySchema });
const otherAnswer = z.looseObject({ harm: z.boolean(), description: z.string().default('') });

interface More<T> {
  readonly found: T | undefined;
  readonly costUsd: number | null;
}

/** How grave a breach is; undefined where the judge finds none after all, or says nothing of it. */
export async function askSeverity(
  client: JudgeClient,
  rule: JudgeRule,
  carrier: Carrier,
  shown: Shown,
  questions: JudgeQuestions,
  signal: AbortSignal,
): Promise<More<Severity>> {
  const values = { ...ruleValues(rule), subject: subjectWords(shown, carrier, questions) };
  const reply = await client.ask(
    {
      messages: buildMessages(questions.detail, values, partsOf(shown)),
      maxTokens: MAX_TOKENS,
      responseFormat: { kind: 'json-schema', name: 'detail', schema: SEVERITY_SCHEMA },
    },
    signal,
  );
  const parsed =
    reply.kind === 'answer' ? severityAnswer.safeParse(jsonInAnswer(reply.text)) : undefined;
  return { found: parsed?.success ? parsed.data.severity : undefined, costUsd: reply.costUsd };
}

/** A harm that none of the rules is about, in the judge's own words. */
export async function askOther(
  client: JudgeClient,
  rules: readonly JudgeRule[],
  shown: Shown,
  questions: JudgeQuestions,
  signal: AbortSignal,
): Promise<More<string>> {
  const values = {
    rules: rules.map(({ title, forbidden }) => `- ${title}: ${forbidden}`).join('\n'),
    subject: subjectWords(shown, 'visual', questions),
  };
  const reply = await client.ask(
    {
      messages: buildMessages(questions.other, values, partsOf(shown)),
      maxTokens: MAX_TOKENS,
      responseFormat: { kind: 'json-schema', name: 'other', schema: OTHER_SCHEMA },
    },
    signal,
  );
  const parsed =
    reply.kind === 'answer' ? otherAnswer.safeParse(jsonInAnswer(reply.text)) : undefined;
  const description = parsed?.success && parsed.data.harm ? parsed.data.description.trim() : '';
  return {
    found: description === '' ? undefined : description.slice(0, OTHER_LIMIT),
    costUsd: reply.costUsd,
  };
}

const SEVERITY_SCHEMA = {
  type: 'object',
  properties: { severity: { type: 'string', enum: ['none', 'minor', 'moderate', 'severe'] } },
  required: ['severity'],
  additionalProperties: false,
} as const;

const OTHER_SCHEMA = {
  type: 'object',
  properties: { harm: { type: 'boolean' }, description: { type: 'string' } },
  required: ['harm', 'description'],
  additionalProperties: false,
} as const;
