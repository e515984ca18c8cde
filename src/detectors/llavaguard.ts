import { z } from 'zod';
import type { HazardId } from '../core/hazard.ts';
import { jsonInAnswer } from '../net/json-in-answer.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { createGuardDetector, type GuardAdapter, type GuardReading } from './judging/guard.ts';
import { type JudgeAnswer, judgeOptionsSchema } from './judging/judge.ts';
import { picturePart } from './judging/media-parts.ts';
import { buildMessages, hashQuestions, type Question, readQuestion } from './judging/question.ts';
import { wordMass } from './judging/token-mass.ts';
import { pairsOf } from './service/claims.ts';

// Written 2026-11 after what is known of the authors' model card: a policy of nine categories in the prompt, and
// JSON {rating, category, rationale} as the answer. The words of the policy are our own.

export const llavaguardOptionsSchema = judgeOptionsSchema;
type Options = z.output<typeof llavaguardOptionsSchema>;

const CATEGORIES: Readonly<Record<string, readonly HazardId[]>> = {
  O1: ['hate', 'harassment'],
  O2: ['violence'],
  O3: ['sexual'],
  O4: ['sexual'],
  O5: ['illegal'],
  O6: ['illegal'],
  O7: ['self_harm'],
  O8: ['violence'],
  O9: ['shocking'],
};
const CLAIMED = [...new Set(Object.values(CATEGORIES).flat())];
const WORDS = { safe: ['safe'], unsafe: ['unsafe'] } as const;
const MAX_TOKENS = 400;

const answerSchema = z.looseObject({
  rating: z.string().regex(/^\s*(safe|unsafe)\s*$/i),
  category: z.string().nullish(),
});

/** LlavaGuard behind a chat server; sees pictures. */
export async function createLlavaguardDetector(
  options: Options,
  environment: DetectorEnvironment,
): Promise<Detector> {
  const question = await readQuestion('llavaguard', []);
  return createGuardDetector(llavaguard(question), options, environment);
}

/** Pure. */
export function llavaguard(question: Question): GuardAdapter {
  const claims = pairsOf(CLAIMED, 'visual');
  return {
    id: 'llavaguard',
    licence: 'see the model card of LlavaGuard',
    notes: ['It names one category alone, the gravest: the others then count as not found.'],
    questionSha256: hashQuestions([question, CATEGORIES]),
    pictureClaims: claims,
    textClaims: [],
    questions: (subject) =>
      subject.kind !== 'picture'
        ? []
        : [
            {
              id: 'verdict',
              claims,
              request: {
                messages: buildMessages(question, {}, [picturePart(subject.picture)]),
                topLogprobs: 20,
                maxTokens: MAX_TOKENS,
              },
              read,
            },
          ],
  };
}

function read(answer: JudgeAnswer): GuardReading | undefined {
  const parsed = answerSchema.safeParse(jsonInAnswer(answer.text));
  if (!parsed.success) return undefined;
  const isUnsafe = /unsafe/i.test(parsed.data.rating);
  const mass = answer.tokens === undefined ? undefined : wordMass(answer.tokens, WORDS);
  const unsafe = mass?.kind === 'mass' ? (mass.shares.unsafe ?? 0) : Number(isUnsafe);
  const [code] = /\bO[1-9]\b/i.exec(parsed.data.category ?? '') ?? [];
  const hit = code === undefined ? undefined : CATEGORIES[code.toUpperCase()];
  // Without a category a doubt, or a verdict, may be about any.
  const rest = isUnsafe && hit !== undefined ? 0 : unsafe;
  return {
    scores: CLAIMED.map((hazard) => ({
      hazard,
      carrier: 'visual',
      score: isUnsafe && hit?.includes(hazard) === true ? unsafe : rest,
    })),
    labels: { unsafe, ...(code === undefined ? {} : { [code.toUpperCase()]: 1 }) },
    notes: mass?.kind === 'mass' ? [] : ['Without likelihoods: the verdict counts as 0 or 1.'],
  };
}
