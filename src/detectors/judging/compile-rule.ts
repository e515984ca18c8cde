import type { PolicyRule } from '../../core/rule-policy.ts';
import type { ChatClient, ChatOutcome } from '../../net/chat.ts';
import { jsonInAnswer } from '../../net/json-in-answer.ts';
import { type CompiledRule, compiledRuleSchema, hashRule } from './preconditions.ts';
import { buildMessages, type Question } from './question.ts';

export type Compiled =
  | { readonly kind: 'compiled'; readonly rule: CompiledRule }
  /** The model answered, and not with preconditions. */
  | { readonly kind: 'unusable' }
  | { readonly kind: 'failed'; readonly outcome: Exclude<ChatOutcome, { kind: 'answer' }> };

/** What `compile` fills in. */
export const COMPILE_PLACEHOLDERS = ['forbidden', 'allowed'];

const ATTEMPTS = 2;
const MAX_TOKENS = 1_500;
const draftSchema = compiledRuleSchema.omit({ id: true, ruleSha256: true });

/** Drafts the preconditions of a rule; a person reviews them before they judge anything. */
export async function compileRule(
  rule: PolicyRule,
  question: Question,
  client: ChatClient,
  signal: AbortSignal,
): Promise<Compiled> {
  const { forbidden, allowed } = rule;
  const messages = buildMessages(question, { forbidden, allowed }, []);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const outcome = await client.complete(
      { messages, maxTokens: MAX_TOKENS, ...(attempt === 0 ? {} : { seed: attempt }) },
      signal,
    );
    if (outcome.kind !== 'answer') return { kind: 'failed', outcome };
    const draft = draftSchema.safeParse(jsonInAnswer(outcome.text));
    if (draft.success) {
      return {
        kind: 'compiled',
        rule: { id: rule.id, ruleSha256: hashRule(rule), ...draft.data },
      };
    }
  }
  return { kind: 'unusable' };
}
