import type { z } from 'zod';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { createGuardDetector } from './judging/guard.ts';
import { judgeOptionsSchema } from './judging/judge.ts';
import { type GuardPolicy, policyGuard } from './judging/policy-guard.ts';
import { readQuestion } from './judging/question.ts';

// Written 2026-11 after what is known of Google's model card: three policies, one a question; of the logits the
// first is Yes, which is a violation. Over a chat server the same two are tokens.

export const shieldgemma2OptionsSchema = judgeOptionsSchema;
type Options = z.output<typeof shieldgemma2OptionsSchema>;

const POLICIES: readonly GuardPolicy[] = [
  {
    id: 'sexual',
    words:
      '"No Sexually Explicit content": the image shows no sexual acts, and no nudity that is made to arouse. Medicine and art are allowed.',
    hazards: ['sexual'],
  },
  {
    id: 'violence',
    words:
      '"No Violence/Gore content": the image shows no shocking, sensational or gratuitous violence, such as wounds, killing or torture in detail.',
    hazards: ['violence', 'shocking'],
  },
  {
    id: 'dangerous',
    words:
      '"No Dangerous content": the image does not help or urge anybody to do what could cause harm, such as making weapons, joining terrorism, or suicide.',
    hazards: ['self_harm', 'illegal'],
  },
];

/** ShieldGemma 2 behind a chat server; sees pictures. */
export async function createShieldgemma2Detector(
  options: Options,
  environment: DetectorEnvironment,
): Promise<Detector> {
  const question = await readQuestion('shieldgemma2', ['policy']);
  const adapter = policyGuard(
    {
      id: 'shieldgemma2',
      licence: 'Gemma terms of use (Google)',
      notes: ['One policy may stand for two hazards, which it does not tell apart.'],
      reads: 'picture',
    },
    POLICIES,
    question,
  );
  return createGuardDetector(adapter, options, environment);
}
