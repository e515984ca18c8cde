import type { HazardId } from '../../core/hazard.ts';
import { pairsOf } from '../service/claims.ts';
import { YES_NO } from './ask.ts';
import { fenceText } from './fence.ts';
import type { GuardAdapter, GuardReading } from './guard.ts';
import type { JudgeAnswer } from './judge.ts';
import { picturePart } from './media-parts.ts';
import { buildMessages, hashQuestions, type Question } from './question.ts';
import { wordMass } from './token-mass.ts';

/** A policy that a guard is asked about, and the hazards that it is about. */
export interface GuardPolicy {
  readonly id: string;
  readonly words: string;
  readonly hazards: readonly HazardId[];
}

/** A guard that answers Yes where a policy is violated, one question a policy (ShieldGemma). Pure. */
export function policyGuard(
  about: Pick<GuardAdapter, 'id' | 'licence' | 'notes'> & { readonly reads: 'text' | 'picture' },
  policies: readonly GuardPolicy[],
  question: Question,
): GuardAdapter {
  const carrier = about.reads === 'text' ? 'text' : 'visual';
  const claims = pairsOf([...new Set(policies.flatMap(({ hazards }) => hazards))], carrier);
  return {
    id: about.id,
    licence: about.licence,
    notes: about.notes,
    questionSha256: hashQuestions([question, policies]),
    pictureClaims: about.reads === 'picture' ? claims : [],
    textClaims: about.reads === 'text' ? claims : [],
    questions: (subject) =>
      subject.kind !== about.reads
        ? []
        : policies.map((policy) => ({
            id: policy.id,
            claims: pairsOf(policy.hazards, carrier),
            request: {
              messages: buildMessages(
                question,
                {
                  policy: policy.words,
                  text: subject.kind === 'text' ? fenceText(subject.text) : '',
                },
                subject.kind === 'picture' ? [picturePart(subject.picture)] : [],
              ),
              topLogprobs: 20,
              maxTokens: 4,
            },
            read: (answer) => read(answer, policy, carrier),
          })),
  };
}

function read(
  answer: JudgeAnswer,
  { id, hazards }: GuardPolicy,
  carrier: 'text' | 'visual',
): GuardReading | undefined {
  const mass = answer.tokens === undefined ? undefined : wordMass(answer.tokens, YES_NO);
  const [, word] = /^[\s"'*]*(yes|no)\b/i.exec(answer.text) ?? [];
  if (mass?.kind !== 'mass' && (word === undefined || mass?.kind === 'unscored')) return undefined;
  const score =
    mass?.kind === 'mass' ? (mass.shares.yes ?? 0) : Number(word?.toLowerCase() === 'yes');
  return {
    scores: hazards.map((hazard) => ({ hazard, carrier, score })),
    labels: { [id]: score },
    notes: mass?.kind === 'mass' ? [] : ['Without likelihoods: the verdict counts as 0 or 1.'],
  };
}
