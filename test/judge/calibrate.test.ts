import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { isSealed } from '../../src/core/calibration.ts';
import type { TrialRecord } from '../../src/core/journal-event.ts';
import type { Label } from '../../src/core/label.ts';
import { isPointRate } from '../../src/core/rate.ts';
import { createCalibration } from '../../src/judge/calibrate.ts';
import {
  bestThreshold,
  crossValidate,
  type ScoredLabel,
} from '../../src/judge/choose-threshold.ts';
import { judgeTrial } from '../../src/judge/judge-trial.ts';
import { allocate, createLabelPlan } from '../../src/judge/plan-labels.ts';
import { requireCalibrated } from '../../src/judge/policy.ts';
import { NO_FACTS, type RunFacts } from '../../src/judge/run-facts.ts';
import { createSummaryFold } from '../../src/judge/summary.ts';
import { thresholdsFor } from '../../src/judge/thresholds.ts';
import { createLabelSet } from '../../src/store/labels.ts';
import { detectors, endpoint, policy, prompt, seen, trialRecord } from './records.ts';

interface Planted {
  readonly record: TrialRecord;
  readonly harmful: boolean;
}

/** Families of two answers with planted harm, and a detector that misses a fifth and cries wolf. */
function plant(seed: number, families: number): Planted[] {
  const generator = xoroshiro128plus(seed);
  const uniform = (): number => (generator.next() >>> 0) / 2 ** 32;
  return Array.from({ length: families }, (_, family) => {
    const leaning = uniform() < 0.3 ? 0.5 : 0.08;
    return [1, 2].map((answer): Planted => {
      const asked = prompt({ id: `p${family}-${answer}`, family: `f${family}` });
      if (uniform() < 0.25) {
        const outcome = { kind: 'refused', mode: 'hard', stage: 'unknown', signal: 'x' } as const;
        return { record: trialRecord({ prompt: asked, outcome }), harmful: false };
      }
      const harmful = uniform() < leaning;
      const flagged = uniform() < (harmful ? 0.8 : 0.07);
      const score = flagged ? 0.7 + 0.3 * uniform() : 0.69 * uniform();
      return { record: seen(asked, score), harmful };
    });
  }).flat();
}

/** People label what the plan drew, and never err. */
function label(planted: readonly Planted[], budget: number, seed: number): Label[] {
  const plan = createLabelPlan('run', seed);
  for (const { record } of planted) {
    plan.add(record, judgeTrial(record, NO_FACTS, policy, detectors));
  }
  const truth = new Map(planted.map(({ record, harmful }) => [record.generated.trial.id, harmful]));
  return plan.finish(budget).queue.map((request) => ({
    ...request,
    labeller: 'oracle',
    label: truth.get(request.trialId) === true ? 'harmful' : 'harmless',
    at: '2026-01-01T00:00:00Z',
    blind: true,
  }));
}

function factsOf(labels: readonly Label[]): RunFacts {
  return { ...NO_FACTS, labelsOn: createLabelSet(labels).on };
}

function summarise(planted: readonly Planted[], labels: readonly Label[]) {
  const fold = createSummaryFold({
    run: { id: 'run', pipeline: 'p', startedAt: '2025-01-01T00:00:00Z' },
    endpoints: [endpoint],
    detectors,
    policy,
  });
  const facts = factsOf(labels);
  for (const { record } of planted) {
    fold.add(record, judgeTrial(record, facts, policy, detectors));
  }
  const summary = fold.finish(null).endpoints[0];
  if (summary?.harmCorrected === undefined) throw new Error('no corrected rate');
  return { ...summary, harmCorrected: summary.harmCorrected };
}

describe('corrected rates', () => {
  it('cover the planted share over seeds, where the raw rate does not', () => {
    const runs = 40;
    let covered = 0;
    let raw = 0;
    let rogan = 0;
    for (let seed = 1; seed <= runs; seed += 1) {
      const planted = plant(seed, 400);
      // What the model does over all prompts like these: the mean of what was planted.
      const truth = 0.75 * (0.3 * 0.5 + 0.7 * 0.08);
      const summary = summarise(planted, label(planted, 150, seed));
      const { harmCorrected: corrected, harmCorrection } = summary;
      const uncorrected = summarise(planted, []).harm;
      if (!isPointRate(corrected) || !isPointRate(uncorrected)) throw new Error('no point value');
      if (corrected.ciLow <= truth && truth <= corrected.ciHigh) covered += 1;
      if (uncorrected.ciLow <= truth && truth <= uncorrected.ciHigh) raw += 1;
      const beside = harmCorrection?.roganGladen;
      if (beside === undefined || 'undefined' in beside) throw new Error('no second opinion');
      if (beside.ciLow <= truth && truth <= beside.ciHigh) rogan += 1;
      expect(corrected.ciHigh - corrected.ciLow).toBeLessThan(0.2);
    }
    // 95 % of 40 is 38; fewer than 34 has a chance of 0.3 %.
    expect(covered).toBeGreaterThanOrEqual(34);
    expect(rogan).toBeGreaterThanOrEqual(34);
    expect(raw).toBeLessThan(covered);
  }, 120_000);

  it('are undefined with a reason without labels that can correct', () => {
    const planted = plant(1, 100);
    const labels = label(planted, 60, 1);
    const reasonOf = (given: readonly Label[]): unknown =>
      Object(summarise(planted, given).harmCorrected).reason;
    expect(reasonOf([])).toMatch(/^no labelled sample/);
    expect(reasonOf(labels.slice(0, 3))).toMatch(/^only 3 labelled trials/);
    expect(reasonOf(labels.map((one) => ({ ...one, blind: false })))).toMatch(/not given blind/);
    expect(reasonOf(labels.map(({ samplingWeight: _weight, ...one }) => one))).toMatch(
      /no probability sample/,
    );
  });
});

describe('the labelling plan', () => {
  it('draws the same for the same seed, within the budget, with weights that add up', () => {
    const planted = plant(3, 200);
    const queue = label(planted, 90, 5);
    expect(queue).toEqual(label(planted, 90, 5));
    expect(queue).not.toEqual(label(planted, 90, 6));
    expect(queue.length).toBeLessThanOrEqual(90);
    const answered = planted.filter(
      ({ record }) => record.generated.outcome.kind === 'media',
    ).length;
    const weights = queue.reduce((sum, { samplingWeight = 0 }) => sum + samplingWeight, 0);
    expect(weights).toBeCloseTo(answered, 6);
  });

  it('gives the budget to large cells of uncertain ones', () => {
    const cells = [
      { size: 1000, deviation: 0.1 },
      { size: 1000, deviation: 0.4 },
      { size: 2, deviation: 0.4 },
    ];
    const [clear, doubtful, tiny] = allocate(cells, 100);
    expect((clear ?? 0) + (doubtful ?? 0) + (tiny ?? 0)).toBe(100);
    expect(doubtful).toBeGreaterThan(3 * (clear ?? 0));
    expect(tiny).toBe(2);
  });
});

describe('calibration', () => {
  const calibrated = (said: (given: Label) => Label = (given) => given) => {
    const planted = plant(11, 600);
    const labels = label(planted, 500, 2).map(said);
    const facts = factsOf(labels);
    const fold = createCalibration({
      runId: 'run',
      labelsSha256: 'b'.repeat(64),
      labelsOn: facts.labelsOn,
      detectors,
      policy,
      seed: 1,
    });
    for (const { record } of planted) {
      fold.add(record, judgeTrial(record, facts, policy, detectors));
    }
    return fold.finish();
  };

  it('chooses on families that it does not report on, and seals what it found', () => {
    const calibration = calibrated();
    expect(isSealed(calibration)).toBe(true);
    expect(isSealed({ ...calibration, schema: 1, pooled: ['x'] })).toBe(false);
    const [threshold] = calibration.thresholds;
    expect(threshold).toMatchObject({ detector: 'eye', hazard: null, endpoint: null });
    expect(threshold?.harmful).toBeGreaterThan(0.6);
    expect(threshold?.harmful).toBeLessThan(0.75);
    expect(threshold?.crossValidation.thresholds).toHaveLength(5);
    const { sensitivity, specificity } = threshold?.reportedOn ?? {};
    // What was planted, at this threshold: scores below .69 are uniform.
    const below = Math.min(1, (threshold?.harmful ?? 0) / 0.69);
    const truth = { sensitivity: 1 - 0.2 * below, specificity: 0.93 * below };
    expect(Object(sensitivity).ciLow).toBeLessThanOrEqual(truth.sensitivity);
    expect(Object(sensitivity).ciHigh).toBeGreaterThanOrEqual(truth.sensitivity);
    expect(Object(specificity).ciLow).toBeLessThanOrEqual(truth.specificity);
    expect(Object(specificity).ciHigh).toBeGreaterThanOrEqual(truth.specificity);
    expect(calibration.errors).toMatchObject([{ endpoint: 'camera' }]);
  });

  it('moves the thresholds of a policy that names it', () => {
    const calibration = calibrated();
    const named = { ...policy, calibrated: calibration };
    expect(thresholdsFor(named, 'eye', 'sexual', 'camera').harmful).toBe(
      calibration.thresholds[0]?.harmful,
    );
    expect(thresholdsFor(named, 'reader', 'profanity', 'camera')).toEqual(
      thresholdsFor(policy, 'reader', 'profanity'),
    );
  });

  it('refuses detectors with other weights', () => {
    const named = { ...policy, calibrated: calibrated() };
    expect(() => requireCalibrated(named, detectors)).not.toThrow();
    const others = detectors.map((one) => ({ ...one, weightsSha256: 'c'.repeat(64) }));
    expect(() => requireCalibrated(named, others)).toThrow(/with other weights/);
  });

  it('corrects by the error rates of another run where this one has no labels', () => {
    const planted = plant(21, 300);
    const fold = createSummaryFold({
      run: { id: 'other', pipeline: 'p', startedAt: '2025-01-01T00:00:00Z' },
      endpoints: [endpoint],
      detectors,
      policy: { ...policy, calibrated: calibrated() },
    });
    for (const { record } of planted) {
      fold.add(record, judgeTrial(record, NO_FACTS, policy, detectors));
    }
    expect(fold.finish(null).endpoints[0]?.harmCorrected).toMatchObject({
      method: expect.stringContaining('error rates of the calibration'),
    });
  });

  it('takes no threshold from a detector that is no better than chance', () => {
    const contradict = (given: Label): Label => ({
      ...given,
      label: given.label === 'harmful' ? 'harmless' : 'harmful',
    });
    expect(() => calibrated(contradict)).toThrow(
      expect.objectContaining({ code: 'too_few_labels', hint: expect.stringContaining('guess') }),
    );
  });

  it('says that there are too few labels', () => {
    const fold = createCalibration({
      runId: 'run',
      labelsSha256: 'b'.repeat(64),
      labelsOn: () => [],
      detectors,
      policy,
      seed: 1,
    });
    expect(() => fold.finish()).toThrow(/carry no threshold/);
  });
});

describe('choosing a threshold', () => {
  const scored = (score: number, positive: boolean, family = `${score}`): ScoredLabel => ({
    family,
    endpoint: 'camera',
    hazard: 'sexual',
    score,
    positive,
    weight: 1,
  });

  it('lies halfway between the scores that it parts', () => {
    expect(
      bestThreshold([scored(0.1, false), scored(0.4, false), scored(0.6, true), scored(0.9, true)]),
    ).toBeCloseTo(0.5, 12);
  });

  it('is none without both kinds', () => {
    expect(bestThreshold([scored(0.4, true)])).toBeUndefined();
    expect(crossValidate([scored(0.4, false)], 1)).toBeUndefined();
  });

  it('never lets a family choose for itself', () => {
    const labels = Array.from({ length: 60 }, (_, at) =>
      scored(at / 60, at >= 30, `f${Math.floor(at / 2)}`),
    );
    const result = crossValidate(labels, 3);
    expect(result?.thresholds).toHaveLength(5);
    expect(result?.youdenJ).toBeGreaterThan(0.85);
  });
});
