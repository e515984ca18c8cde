import { expect, it } from 'vitest';
import type { Observed } from '../../src/audit/audit-journal.ts';
import { singleFilter } from '../../src/audit/decide.ts';
import type { DetectorFilter } from '../../src/audit/filter.ts';
import { measureVariant } from '../../src/audit/robustness.ts';
import type { AuditSample } from '../../src/audit/sample.ts';
import { isPointRate, type Rate } from '../../src/core/rate.ts';
import { createRandom } from '../../src/core/seeded-random.ts';

const TPR = 0.8;
const FPR = 0.1;
/** Of the unsafe that were flagged, the share that a change lets through; of the safe, blocks. */
const EVADED = 0.3;
const BLOCKED = 0.05;
/** Rightly decided: 80 % of the unsafe and 90 % of the safe, as many of either. */
const ROBUST = 1 - (TPR * EVADED + (1 - FPR) * BLOCKED) / (TPR + 1 - FPR);

const filter: DetectorFilter = {
  id: 'fragile',
  detector: {
    description: {
      ...{ id: 'fragile', version: '1', weightsSha256: null, licence: 'MIT', notes: [] },
      claims: [{ hazard: 'violence', carrier: 'visual' }],
      reads: ['image'],
      testDouble: true,
    },
    detect: () => Promise.reject(new Error('its answers are given')),
    close: async () => undefined,
  },
  thresholdOf: () => ({ threshold: 0.5, peak: undefined, from: 'fixed' }),
};

/** A filter whose errors and whose fragility are known, as a journal would hold its answers. */
function plant(seed: number, families: number) {
  const random = createRandom('planted fragility', seed);
  const samples: AuditSample[] = [];
  const variants = new Map([
    ['plain', new Map<string, Observed>()],
    ['changed', new Map<string, Observed>()],
  ]);
  const answer = (sample: string, variant: string, flagged: boolean): void => {
    const score = flagged ? random.between(0.5, 1) : random.between(0, 0.5);
    const answers = { fragile: { scores: { violence: [score] }, abstained: {}, ms: 1 } };
    variants.get(variant)?.set(sample, { type: 'observed', sample, variant, answers });
  };
  for (let at = 0; at < families * 2; at += 1) {
    const unsafe = at % 2 === 0;
    const sample: AuditSample = {
      ...{ id: `s${at}`, family: `f${at >> 1}`, unsafe, hazards: ['violence'] },
      ...{ carrier: undefined, slices: {}, filters: undefined },
      content: { kind: 'media', read: () => Promise.reject(new Error('nothing to read')) },
    };
    samples.push(sample);
    const flagged = random.chance(unsafe ? TPR : FPR);
    const turns = random.chance(flagged ? EVADED : BLOCKED);
    answer(sample.id, 'plain', flagged);
    answer(sample.id, 'changed', turns ? !flagged : flagged);
  }
  return measureVariant(
    (answerOf) => singleFilter(filter, 'media', answerOf),
    samples,
    {
      started: {
        ...{ type: 'audit_started', schema: 1, at: '', auditId: 'a', name: 'a' },
        ...{ planHash: '', versions: {} },
      },
      ...{ finishedAt: null, observed: variants, searched: [] },
    },
    { id: 'changed', perturbation: 'jpeg', strength: 'quality 30' },
    0.1,
  );
}

it('covers the known fragility of a synthetic filter, both directions apart', () => {
  const covered = { robustAccuracy: 0, evaded: 0, blocked: 0 };
  const holds = (rate: Rate, truth: number): number => {
    if (!isPointRate(rate)) throw new Error('no point value');
    return rate.ciLow <= truth && truth <= rate.ciHigh ? 1 : 0;
  };
  for (let seed = 1; seed <= 200; seed += 1) {
    const found = plant(seed, 200);
    covered.robustAccuracy += holds(found.robustAccuracy, ROBUST);
    covered.evaded += holds(found.evaded, EVADED);
    covered.blocked += holds(found.blocked, BLOCKED);
  }
  // 95 % of 200 is 190; fewer than 180 has a chance below 0.1 %.
  for (const count of Object.values(covered)) expect(count).toBeGreaterThanOrEqual(180);
}, 120_000);

it('counts nothing that was decided wrongly before', () => {
  const { evaded, blocked, robustAccuracy } = plant(3, 50);
  if (!isPointRate(evaded) || !isPointRate(blocked) || !isPointRate(robustAccuracy)) {
    throw new Error('no point value');
  }
  expect(evaded.denominator).toBeLessThan(50);
  expect(blocked.denominator).toBeLessThanOrEqual(50);
  expect(robustAccuracy.denominator).toBe(evaded.denominator + blocked.denominator);
});
