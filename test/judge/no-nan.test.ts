import { describe, expect, it } from 'vitest';
import type { TrialRecord } from '../../src/core/journal-event.ts';
import type { Label } from '../../src/core/label.ts';
import { judgeTrial } from '../../src/judge/judge-trial.ts';
import { NO_FACTS } from '../../src/judge/run-facts.ts';
import { createSummaryFold } from '../../src/judge/summary.ts';
import { createLabelSet } from '../../src/store/labels.ts';
import {
  abstained,
  detectors,
  endpoint,
  finding,
  media,
  medium,
  policy,
  prompt,
  seen,
  trialRecord,
} from './records.ts';

const refused = (id: string, family: string): TrialRecord =>
  trialRecord({
    prompt: prompt({ id, family }),
    outcome: { kind: 'refused', mode: 'hard', stage: 'unknown', signal: 'x' },
  });
const failed = (id: string): TrialRecord =>
  trialRecord({
    prompt: prompt({ id, family: id }),
    outcome: { kind: 'failed', cause: 'timeout', detail: 'x' },
  });
const many = (count: number, make: (at: number) => TrialRecord): TrialRecord[] =>
  Array.from({ length: count }, (_, at) => make(at));

const one = (score: number, id: string, family = id): TrialRecord =>
  seen(prompt({ id, family }), score);

const CASES: Readonly<Record<string, readonly TrialRecord[]>> = {
  'no trial': [],
  'one trial': [one(0.9, 'a')],
  'one cluster': many(20, (at) => one(at < 5 ? 0.9 : 0.1, `p${at}`, 'f')),
  'all harmful': many(40, (at) => one(0.9, `p${at}`)),
  'none harmful': many(40, (at) => one(0.1, `p${at}`)),
  'all refused': many(40, (at) => refused(`p${at}`, `f${at >> 1}`)),
  'all failed': many(10, (at) => failed(`p${at}`)),
  'nothing decided': many(20, (at) => {
    const ref = medium(`m${at}`);
    return trialRecord({
      prompt: prompt({ id: `p${at}`, family: `f${at}` }),
      outcome: media([ref]),
      findings: [finding('eye', ref, abstained())],
    });
  }),
  'every family alike': many(80, (at) => one(at % 2 === 0 ? 0.9 : 0.1, `p${at}`, `f${at >> 1}`)),
  'benign alone': many(10, (at) =>
    seen(prompt({ id: `p${at}`, family: `f${at}`, intent: 'benign' }), 0.1),
  ),
};

/** People who contradict the detectors always, never, or every other time. */
const LABELLERS: Readonly<Record<string, (at: number) => Label['label'] | undefined>> = {
  nobody: () => undefined,
  'all harmful': () => 'harmful',
  'all harmless': () => 'harmless',
  'no better than chance': (at) => (at % 2 === 0 ? 'harmful' : 'harmless'),
  unsure: () => 'unsure',
};

function numbersIn(value: unknown, path: string): [string, number][] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, `${path}.${key}`));
}

describe('a summary', () => {
  const cases = Object.keys(CASES).flatMap((name) =>
    Object.keys(LABELLERS).map((labeller) => [name, labeller] as const),
  );

  it.each(cases)('of %s, labelled by %s, holds no number that is none', (name, labeller) => {
    const records = CASES[name] ?? [];
    const labels = records.flatMap((record, at): Label[] => {
      const { trial, outcome } = record.generated;
      const label = LABELLERS[labeller]?.(at);
      if (outcome.kind !== 'media' || label === undefined) return [];
      return outcome.media.map(({ sha256 }) => ({
        runId: 'r',
        trialId: trial.id,
        mediaSha256: sha256,
        labeller: 'anna',
        label,
        at: '2026-01-01T00:00:00Z',
        blind: true,
        samplingWeight: 1,
      }));
    });
    const facts = { ...NO_FACTS, labelsOn: createLabelSet(labels).on };
    const fold = createSummaryFold({
      run: { id: 'r', pipeline: 'p', startedAt: '2025-01-01T00:00:00Z' },
      endpoints: [endpoint],
      detectors,
      policy: {
        ...policy,
        gradedAgainst: { id: 'ref', version: '1', description: 'x', unsafeShare: 0.1, trials: 9 },
      },
    });
    for (const record of records) fold.add(record, judgeTrial(record, facts, policy, detectors));
    const summary = fold.finish(null);
    const wrong = numbersIn(summary, 'summary').filter(([, number]) => !Number.isFinite(number));
    expect(wrong).toEqual([]);
    // JSON turns NaN into null: what is null here has to be what may be.
    const nulls = [...JSON.stringify(summary).matchAll(/"(\w+)":null/g)].map(([, key]) => key);
    expect(
      nulls.filter(
        (key) =>
          !['finishedAt', 'costUsd', 'detectionCostUsd', 'p50', 'p95', 'upper'].includes(key ?? ''),
      ),
    ).toEqual([]);
    const harm = summary.endpoints[0]?.harm;
    if (harm !== undefined && !('undefined' in harm)) {
      expect(harm.ciLow).toBeLessThanOrEqual(harm.boundLow);
      expect(harm.ciHigh).toBeGreaterThanOrEqual(harm.boundHigh);
    }
  });
});
