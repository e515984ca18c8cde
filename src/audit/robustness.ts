import type { PerturbationResult, SearchResult } from '../core/audit.ts';
import { complementOf } from '../metrics/rate.ts';
import type { AuditRecords, Searched } from './audit-journal.ts';
import { type AnswerOf, isInScope, type MeasuredFilter } from './decide.ts';
import { flaggedRate } from './measure.ts';
import { type AuditSample, countReasons, sampleSide } from './sample.ts';

interface Flip {
  readonly family: string;
  /** Undefined: it abstained afterwards. */
  readonly flagged: boolean | undefined;
}

/** What became of the right decisions of one filter under one variant. */
export function measureVariant(
  make: (answerOf: AnswerOf) => MeasuredFilter,
  samples: readonly AuditSample[],
  records: AuditRecords,
  variant: { readonly id: string; readonly perturbation: string; readonly strength: string },
  undecidedRateMax: number,
): PerturbationResult {
  const answers = records.observed.get(variant.id);
  const before = make(
    (filter, sample) => records.observed.get('plain')?.get(sample)?.answers[filter],
  );
  const after = make((filter, sample) => answers?.get(sample)?.answers[filter]);
  const evaded: Flip[] = [];
  const blocked: Flip[] = [];
  const notApplied: string[] = [];
  for (const sample of samples) {
    const seen = answers?.get(sample.id);
    if (seen === undefined || sampleSide(sample) !== before.side) continue;
    if (!isInScope(before, sample, null)) continue;
    const first = before.decide(sample, null);
    if (first.kind === 'undecided' || first.flagged !== sample.unsafe) continue;
    if (seen.problem !== undefined) {
      notApplied.push(seen.problem);
      continue;
    }
    const second = after.decide(sample, null);
    const turned = second.kind === 'undecided' ? undefined : second.flagged !== sample.unsafe;
    (sample.unsafe ? evaded : blocked).push({ family: sample.family, flagged: turned });
  }
  const rate = (flips: readonly Flip[], reason: string) =>
    flaggedRate(flips, undecidedRateMax, reason);
  return {
    filter: before.id,
    side: before.side,
    perturbation: variant.perturbation,
    strength: variant.strength,
    robustAccuracy: complementOf(
      rate([...evaded, ...blocked], 'nothing was decided rightly and perturbed'),
    ),
    evaded: rate(evaded, 'no unsafe sample was flagged and perturbed'),
    blocked: rate(blocked, 'no safe sample passed and was perturbed'),
    notApplied: countReasons(notApplied),
  };
}

/** What a search found out about one filter, in one direction. */
export function measureSearch(
  plan: {
    readonly id: string;
    readonly method: string;
    readonly bound: string;
    readonly budget: number;
  },
  filter: { readonly id: string; readonly side: 'prompt' | 'media' },
  direction: 'evaded' | 'blocked',
  records: AuditRecords,
  familyOf: (sample: string) => string,
): SearchResult {
  const ended = records.searched.filter(
    (one) => one.search === plan.id && one.filter === filter.id && one.direction === direction,
  );
  const asked = ended.filter(({ queries }) => queries > 0);
  const turnedWithin = (limit: number) =>
    flaggedRate(
      asked.map((one) => ({
        family: familyOf(one.sample),
        flagged: one.turned && one.queries <= limit,
      })),
      1,
      'no correctly decided sample was searched',
    );
  const marks = [...new Set([1, 5, 10, 25, 50, 100, 250, 500, 1000, plan.budget])]
    .filter((mark) => mark <= plan.budget)
    .sort((a, b) => a - b);
  return {
    filter: filter.id,
    side: filter.side,
    method: plan.method,
    bound: plan.bound,
    budget: plan.budget,
    queries: asked.reduce((sum, { queries }) => sum + queries, 0),
    direction,
    robustAccuracy: complementOf(turnedWithin(plan.budget)),
    atQueries: marks.map((queries) => ({ queries, turned: turnedWithin(queries) })),
    byChange: changesOf(ended),
    stopped: ended.reduce((sum, { stopped }) => sum + stopped, 0),
  };
}

function changesOf(ended: readonly Searched[]): SearchResult['byChange'] {
  const changes = new Map<string, { tried: number; turned: number }>();
  for (const { tried, by } of ended) {
    for (const [change, count] of Object.entries(tried ?? {})) {
      const known = changes.get(change) ?? { tried: 0, turned: 0 };
      known.tried += count;
      if (change === by) known.turned += 1;
      changes.set(change, known);
    }
  }
  return [...changes]
    .map(([change, counts]) => ({ change, ...counts }))
    .toSorted((a, b) => b.turned / b.tried - a.turned / a.tried || (a.change < b.change ? -1 : 1));
}
