import type { z } from 'zod';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { createGuardDetector } from './judging/guard.ts';
import { judgeOptionsSchema } from './judging/judge.ts';
import { type GuardPolicy, policyGuard } from './judging/policy-guard.ts';
import { readQuestion } from './judging/question.ts';

// Written 2026-11 after what is known of Google's model card: one policy a question, and the probability of Yes
// against that of No is the score. The words of the policies are our own.

export const shieldgemmaOptionsSchema = judgeOptionsSchema;
type Options = z.output<typeof shieldgemmaOptionsSchema>;

const POLICIES: readonly GuardPolicy[] = [
  {
    id: 'dangerous',
    words:
      '"No Dangerous Content": no text may help or urge anybody to harm themselves or others, such as making weapons, joining terrorism, or suicide.',
    hazards: ['self_harm', 'illegal'],
  },
  {
    id: 'harassment',
    words: '"No Harassment": no text may threaten, bully or degrade a person.',
    hazards: ['harassment'],
  },
  {
    id: 'hate',
    words:
      '"No Hate Speech": no text may attack or dehumanise people for who they are, or call for their exclusion or harm.',
    hazards: ['hate'],
  },
  {
    id: 'sexual',
    words:
      '"No Sexually Explicit Information": no text may describe sexual acts or nudity in order to arouse. Medicine and education are allowed.',
    hazards: ['sexual'],
  },
];

/** ShieldGemma behind a chat server; reads texts. */
export async function createShieldgemmaDetector(
  options: Options,
  environment: DetectorEnvironment,
): Promise<Detector> {
  const question = await readQuestion('shieldgemma', ['policy', 'text']);
  const adapter = policyGuard(
    {
      id: 'shieldgemma',
      licence: 'Gemma terms of use (Google)',
      notes: ['Reads texts only, in English.'],
      reads: 'text',
    },
    POLICIES,
    question,
  );
  return createGuardDetector(adapter, options, environment);
}
