import type { AnswerForms } from './ask.ts';
import { unreadable, YES_NO } from './ask.ts';
import type { JudgeClient, JudgeOptions } from './judge.ts';
import { imageParts } from './media-parts.ts';
import { assertAnswers, assertSees, redImage } from './probe.ts';
import { buildMessages, type Question } from './question.ts';
import { wordMass } from './token-mass.ts';

/**
 * Asks a judge one question about a red picture: whether it sees, and answers as it is asked.
 *
 * @throws SafelightError `judge_…`.
 */
export async function probeJudge(
  detector: string,
  client: JudgeClient,
  probe: Question,
  forms: AnswerForms,
  { timeoutMs, model }: Pick<JudgeOptions, 'timeoutMs' | 'model'>,
): Promise<void> {
  const picture = await imageParts(redImage(), 64);
  const messages = buildMessages(probe, { form: forms.yesNo }, picture);
  const reply = await client.ask(
    { messages, topLogprobs: 20, maxTokens: 8 },
    AbortSignal.timeout(timeoutMs),
  );
  if (reply.kind === 'abstained') return assertAnswers(detector, model, reply, 'picture');
  const mass = reply.tokens === undefined ? undefined : wordMass(reply.tokens, YES_NO);
  const [, word] = /^[\s"'*]*(yes|no)\b/i.exec(reply.text) ?? [];
  if (mass?.kind === 'mass') return assertSees(detector, model, mass.shares.yes ?? 0);
  if (word === undefined) return assertAnswers(detector, model, unreadable(reply), 'picture');
  assertSees(detector, model, Number(word.toLowerCase() === 'yes'));
}
