import type { Media, MediaProblem } from '../media/media.ts';
import type { Answer } from './answer.ts';
import { readAnswer } from './answer.ts';
import type { Observed } from './audit-journal.ts';
import { type DetectorFilter, isAsked } from './filter.ts';
import type { AuditSample } from './sample.ts';

export interface ObserveContext {
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that only runs forward. */
  readonly clock: () => number;
}

/** A prompt's text, or an opened medium; or why there is none. */
export type Observable =
  | { readonly kind: 'text'; readonly text: string }
  | Media
  | MediaProblem
  | { readonly kind: 'missing' };

/** Lets each filter that is for a sample look at it. */
export async function observe(
  sample: AuditSample,
  variant: string,
  subject: Observable,
  filters: readonly DetectorFilter[],
  context: ObserveContext,
): Promise<Observed> {
  const asked = filters.filter((filter) => isAsked(filter, sample));
  const answers: Record<string, Answer> = {};
  if (subject.kind === 'problem' || subject.kind === 'missing') {
    const problem = subject.kind === 'problem' ? subject.code : 'media_missing';
    for (const { id, detector } of asked) {
      answers[id] = {
        scores: {},
        abstained: abstainOnAll(detector.description.claims, problem),
        ms: 0,
      };
    }
    return { type: 'observed', sample: sample.id, variant, answers, problem };
  }
  for (const filter of asked) {
    if (!filter.detector.description.reads.includes(subject.kind)) continue;
    answers[filter.id] = await askFilter(filter, sample, subject, context);
  }
  return { type: 'observed', sample: sample.id, variant, answers };
}

/** One question to one filter. */
export async function askFilter(
  { detector }: DetectorFilter,
  sample: AuditSample,
  subject: Extract<Observable, { kind: 'text' | 'image' | 'video' }>,
  { signal, clock }: ObserveContext,
): Promise<Answer> {
  const before = clock();
  // A filter knows nothing of the prompt behind a picture, and nothing of the label.
  const results = await detector.detect(subject, { signal, prompt: undefined, earlier: [] });
  return readAnswer(results, detector.description.claims, sample, clock() - before);
}

function abstainOnAll(
  claims: readonly { readonly hazard: string }[],
  reason: string,
): Answer['abstained'] {
  return Object.fromEntries(
    claims.length === 0 ? [['none', reason]] : claims.map(({ hazard }) => [hazard, reason]),
  );
}
