import { z } from 'zod';
import type { ChatPart } from '../net/chat.ts';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { createGuardDetector, type GuardAdapter, type GuardReading } from './judging/guard.ts';
import {
  type GuardCategories,
  readGuardCategories,
  scoreHazards,
} from './judging/guard-categories.ts';
import { type JudgeAnswer, judgeOptionsSchema } from './judging/judge.ts';
import { picturePart } from './judging/media-parts.ts';
import { hashQuestions } from './judging/question.ts';
import { wordMass } from './judging/token-mass.ts';
import { pairsOf } from './service/claims.ts';

// Written 2026-11 after what is known of Meta's model cards: the chat template holds the categories; the answer is
// `safe`, or `unsafe` and a line of codes. The probability of the first token is the score. Version
// 4 and the vision model of version 3 take pictures.

export const llamaGuardOptionsSchema = judgeOptionsSchema.extend({
  pictures: z
    .boolean()
    .optional()
    .describe('Whether the model sees pictures. Default: by its name (Llama Guard 4, or vision).'),
});
type Options = z.output<typeof llamaGuardOptionsSchema>;

const SEES = /guard-?_?4|vision/i;
const WORDS = { safe: ['safe'], unsafe: ['unsafe'] } as const;
/** Codes after the verdict are few. */
const MAX_TOKENS = 48;

/** Llama Guard 3 or 4 behind a chat server. */
export async function createLlamaGuardDetector(
  options: Options,
  environment: DetectorEnvironment,
): Promise<Detector> {
  const categories = await readGuardCategories('llama_guard');
  return createGuardDetector(llamaGuard(options, categories), options, environment);
}

/** Pure. */
export function llamaGuard(
  { model, pictures }: Pick<Options, 'model' | 'pictures'>,
  categories: GuardCategories,
): GuardAdapter {
  const sees = pictures ?? SEES.test(model);
  return {
    id: 'llama-guard',
    licence: 'Llama community licence (Meta)',
    notes: [
      'Its codes are mapped by the crosswalk; one that is part of several hazards counts for each.',
      ...(sees ? [] : ['Reads texts only.']),
    ],
    questionSha256: hashQuestions(['llama-guard', 1, categories.version]),
    pictureClaims: sees ? pairsOf(categories.hazards, 'visual') : [],
    textClaims: pairsOf(categories.hazards, 'text'),
    questions: (subject) => {
      const carrier = subject.kind === 'text' ? 'text' : 'visual';
      const content: string | readonly ChatPart[] =
        subject.kind === 'text' ? subject.text : [picturePart(subject.picture)];
      return [
        {
          id: 'verdict',
          claims: pairsOf(categories.hazards, carrier),
          request: {
            messages: [{ role: 'user', content }],
            topLogprobs: 20,
            maxTokens: MAX_TOKENS,
          },
          read: (answer) => read(answer, categories, carrier),
        },
      ];
    },
  };
}

function read(
  answer: JudgeAnswer,
  categories: GuardCategories,
  carrier: 'visual' | 'text',
): GuardReading | undefined {
  const [, verdict, rest] = /^\s*(safe|unsafe)\b([\s\S]*)$/i.exec(answer.text) ?? [];
  if (verdict === undefined || rest === undefined) return undefined;
  const isUnsafe = verdict.toLowerCase() === 'unsafe';
  const mass = answer.tokens === undefined ? undefined : wordMass(answer.tokens, WORDS);
  const unsafe = mass?.kind === 'mass' ? (mass.shares.unsafe ?? 0) : Number(isUnsafe);
  const codes = isUnsafe ? [...rest.matchAll(/\bS\d{1,2}\b/gi)].map(([code]) => code) : [];
  // Which category a doubt is about is not told where the answer is safe: it may be any.
  const spread = codes.length === 0 ? unsafe : 0;
  const { scores, unknown } = scoreHazards(categories, codes, unsafe, spread, carrier);
  const [stranger] = unknown;
  return {
    scores,
    labels: { unsafe, ...Object.fromEntries(codes.map((code) => [code.toUpperCase(), 1])) },
    notes: [
      ...(mass?.kind === 'mass' ? [] : ['Without likelihoods: the verdict counts as 0 or 1.']),
      ...(isUnsafe && codes.length === 0 ? ['It names no category, so all of them count.'] : []),
    ],
    ...(stranger === undefined
      ? {}
      : { other: `category ${stranger}, which no hazard stands for` }),
  };
}
