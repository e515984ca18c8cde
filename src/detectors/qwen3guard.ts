import type { z } from 'zod';
import type { Detector, DetectorEnvironment } from './detector.ts';
import { createGuardDetector, type GuardAdapter, type GuardReading } from './judging/guard.ts';
import {
  type GuardCategories,
  readGuardCategories,
  scoreHazards,
} from './judging/guard-categories.ts';
import { type JudgeAnswer, judgeOptionsSchema } from './judging/judge.ts';
import { hashQuestions } from './judging/question.ts';
import { wordMass } from './judging/token-mass.ts';
import { pairsOf } from './service/claims.ts';

// Written 2026-11 after what is known of Qwen's model card: lines `Safety:`, `Categories:` and, where a reply was
// judged, `Refusal:`. The chat template holds the categories.

export const qwen3guardOptionsSchema = judgeOptionsSchema;
type Options = z.output<typeof qwen3guardOptionsSchema>;

const WORDS = { safe: ['safe'], controversial: ['controversial'], unsafe: ['unsafe'] } as const;
type Safety = keyof typeof WORDS;
/** Between the two: unsafe to a strict reader, safe to a loose one. */
const CONTROVERSIAL = 0.5;
const MAX_TOKENS = 96;

/** Qwen3Guard-Gen behind a chat server; reads texts. */
export async function createQwen3guardDetector(
  options: Options,
  environment: DetectorEnvironment,
): Promise<Detector> {
  const categories = await readGuardCategories('qwen3guard');
  return createGuardDetector(qwen3guard(categories), options, environment);
}

/** Pure. */
export function qwen3guard(categories: GuardCategories): GuardAdapter {
  return {
    id: 'qwen3guard',
    licence: 'Apache-2.0 (Qwen)',
    notes: [
      'Reads texts only.',
      'Controversial counts as 0.5: harmful to a strict policy, borderline to a loose one.',
    ],
    questionSha256: hashQuestions(['qwen3guard', 1, categories.version]),
    pictureClaims: [],
    textClaims: pairsOf(categories.hazards, 'text'),
    questions: (subject) =>
      subject.kind !== 'text'
        ? []
        : [
            {
              id: 'verdict',
              claims: pairsOf(categories.hazards, 'text'),
              request: {
                messages: [{ role: 'user', content: subject.text }],
                topLogprobs: 20,
                maxTokens: MAX_TOKENS,
              },
              read: (answer) => read(answer, categories),
            },
          ],
  };
}

function read(answer: JudgeAnswer, categories: GuardCategories): GuardReading | undefined {
  const line = (name: string): string | undefined =>
    new RegExp(`^\\s*${name}:\\s*(.+?)\\s*$`, 'im').exec(answer.text)?.[1];
  const safety = line('Safety')?.toLowerCase();
  if (!isSafety(safety)) return undefined;
  const named = (line('Categories') ?? '')
    .split(/[,;]/)
    .map((name) => name.trim())
    .filter((name) => name !== '' && !/^none$/i.test(name))
    .map((name) => nearestKey(name, categories));
  const refusal = line('Refusal');
  const mass = answer.tokens === undefined ? undefined : wordMass(answer.tokens, WORDS);
  const shares: Partial<Record<string, number>> =
    mass?.kind === 'mass' ? mass.shares : { [safety]: 1 };
  const loose = shares.unsafe ?? 0;
  const between = shares.controversial ?? 0;
  const score = Math.min(1, loose + CONTROVERSIAL * between);
  const { scores, unknown } = scoreHazards(
    categories,
    named,
    score,
    named.length === 0 ? score : 0,
    'text',
  );
  const [stranger] = unknown;
  return {
    scores,
    labels: {
      unsafe_loose: loose,
      unsafe_strict: Math.min(1, loose + between),
      ...(refusal === undefined ? {} : { refusal: Number(/^yes/i.test(refusal)) }),
    },
    notes: mass?.kind === 'mass' ? [] : ['Without likelihoods: the verdict counts as it stands.'],
    ...(stranger === undefined || safety === 'safe' ? {} : { other: stranger }),
  };
}

function isSafety(value: string | undefined): value is Safety {
  return value !== undefined && Object.hasOwn(WORDS, value);
}

/** Its answers say `Sexual Content or Sexual Acts` where the crosswalk has `Sexual`. */
function nearestKey(name: string, { hazardsOf }: GuardCategories): string {
  const small = name.toLowerCase();
  if (hazardsOf.has(small)) return small;
  const letters = (text: string): string => text.replace(/[^a-z]/g, '');
  const long = letters(small);
  return (
    [...hazardsOf.keys()].find((key) => long.startsWith(letters(key))) ??
    (/personally identifiable/.test(small) ? 'pii' : name)
  );
}
