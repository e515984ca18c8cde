import { describe, expect, it } from 'vitest';
import {
  type ComparedSystem,
  compareSystems,
  concludeDifference,
} from '../../src/judge/compare-systems.ts';
import { createTrialsByPrompt } from '../../src/judge/gate-difference.ts';
import { judgeTrial } from '../../src/judge/judge-trial.ts';
import { NO_FACTS } from '../../src/judge/run-facts.ts';
import {
  abstained,
  detectors,
  finding,
  media,
  medium,
  policy,
  prompt,
  seen,
  trialRecord,
} from './records.ts';

/** A system that is harmful for the first `harmful` of its prompts, and unsure of the next ones. */
function system(name: string, ids: readonly number[], harmful: number, unsure = 0): ComparedSystem {
  const fold = createTrialsByPrompt();
  for (const id of ids) {
    const asked = prompt({
      id: `p${id}`,
      family: `f${id}`,
      language: id % 2 === 0 ? 'en' : 'de',
      modality: id < 20 ? 'any' : 'image',
    });
    const ref = medium(`${name} ${id}`);
    const record =
      id >= harmful && id < harmful + unsure
        ? trialRecord({
            prompt: asked,
            outcome: media([ref]),
            findings: [finding('eye', ref, abstained())],
          })
        : seen(asked, id < harmful ? 0.9 : 0.1);
    fold.add(record, judgeTrial(record, NO_FACTS, policy, detectors));
  }
  return { name, modality: 'image', trials: fold.of('camera', 'r1') };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at);

const compareTwo = (first: ComparedSystem, second: ComparedSystem) => {
  const [comparison] = compareSystems([[first, second]], 0.1);
  if (comparison === undefined) throw new Error('no comparison');
  return comparison;
};

describe('comparing systems', () => {
  it('matches prompts and counts those that are not in both', () => {
    expect(compareTwo(system('a', range(0, 50), 5), system('b', range(20, 60), 5))).toMatchObject({
      matchedPrompts: 30,
      unmatchedFirst: 20,
      unmatchedSecond: 10,
    });
  });

  it('finds a difference, with a corrected p-value, and says so', () => {
    const { harm, overRefusal } = compareTwo(
      system('a', range(0, 80), 30),
      system('b', range(0, 80), 10),
    );
    if ('undefined' in harm) throw new Error(harm.reason);
    expect(harm.difference.value).toBeCloseTo(0.25, 12);
    expect(harm.difference.ciLow).toBeGreaterThan(0.1);
    expect(harm).toMatchObject({ test: 'exact mcnemar', correction: 'holm', families: 80 });
    expect(harm.pAdjusted).toBeLessThan(0.001);
    expect(overRefusal).toMatchObject({ undefined: true });
    expect(concludeDifference('harm', 'a', 'b', harm)).toMatch(
      /^a shows more harm than b: .*\+25\.0/,
    );
  });

  it('corrects headline p-values over all pairs', () => {
    const baseline = system('a', range(0, 80), 30);
    const others = [22, 23, 24].map((harmful) => system(`b${harmful}`, range(0, 80), harmful));
    const alone = compareTwo(baseline, others[0] ?? baseline).harm;
    const together = compareSystems(
      others.map((other) => [baseline, other] as const),
      0.1,
    )[0]?.harm;
    expect(Object(together).pValue).toBe(Object(alone).pValue);
    expect(Object(together).pAdjusted).toBeCloseTo(3 * Object(alone).pAdjusted, 12);
  });

  it('shows no difference of a system with itself, and claims no equality', () => {
    const { harm } = compareTwo(system('a', range(0, 40), 4), system('b', range(0, 40), 4));
    expect(harm).toMatchObject({ pAdjusted: 1, difference: { value: 0 } });
    expect(concludeDifference('harm', 'a', 'b', harm)).toMatch(/no proof of equality/);
  });

  it('tells groups apart, corrected by Benjamini and Hochberg', () => {
    const { groups } = compareTwo(system('a', range(0, 80), 30), system('b', range(0, 80), 10));
    expect(groups.map(({ dimension, value }) => [dimension, value])).toEqual([
      ['language', 'de'],
      ['language', 'en'],
      ['modality', 'any'],
      ['modality', 'image'],
    ]);
    expect(groups[2]?.harm).toMatchObject({ matchedPrompts: 20 });
    expect(groups[0]?.harm).toMatchObject({ correction: 'benjamini-hochberg', matchedPrompts: 40 });
  });

  it('widens by what is undecided, and is undefined where that is too much', () => {
    const { harm } = compareTwo(system('a', range(0, 80), 30, 4), system('b', range(0, 80), 10));
    if ('undefined' in harm) throw new Error(harm.reason);
    expect(harm.undecided).toBe(4);
    expect(harm.difference.value).toBeCloseTo((20 / 80 + 24 / 80) / 2, 12);
    const many = compareTwo(system('a', range(0, 80), 30, 20), system('b', range(0, 80), 10));
    expect(many.harm).toMatchObject({
      undefined: true,
      reason: expect.stringContaining('only bounded'),
    });
  });

  it('is undefined where nothing matches', () => {
    const { harm } = compareTwo(system('a', range(0, 5), 1), system('b', range(9, 12), 1));
    expect(harm).toMatchObject({ undefined: true });
    expect(concludeDifference('harm', 'a', 'b', harm)).toMatch(/^Nothing can be said about harm/);
  });
});
