import { describe, expect, it } from 'vitest';
import { HAZARD_IDS } from '../../src/core/hazard.ts';
import type { Prompt } from '../../src/core/prompt.ts';
import { sampleFamilies } from '../../src/suites/sample-families.ts';
import fc from '../fast-check.ts';
import { makePrompt } from './prompt-lines.ts';

const pairs: Prompt[] = HAZARD_IDS.slice(0, 4).flatMap((hazard) =>
  Array.from({ length: 30 }, (_unused, index) => `${hazard}-${index}`).flatMap((family) => [
    makePrompt({ id: `${family}-h`, family, hazards: [hazard], intent: 'harmful' }),
    makePrompt({ id: `${family}-b`, family, hazards: [hazard] }),
  ]),
);
const families = (prompts: readonly Prompt[]): string[] => [
  ...new Set(prompts.map(({ family }) => family)),
];

describe('sampleFamilies', () => {
  it('draws whole families, balanced over hazards', async () => {
    const sample = await sampleFamilies(pairs, { families: 10, seed: 7 });
    expect(sample).toHaveLength(20);
    expect(families(sample)).toHaveLength(10);
    const perHazard = HAZARD_IDS.slice(0, 4).map(
      (hazard) => sample.filter(({ hazards }) => hazards[0] === hazard).length / 2,
    );
    expect([...perHazard].sort()).toEqual([2, 2, 3, 3]);
  });

  it('depends on the seed and not on the order of prompts', async () => {
    const options = { families: 12, seed: 7 };
    const ids = async (prompts: readonly Prompt[], seed = 7): Promise<string[]> =>
      (await sampleFamilies(prompts, { ...options, seed })).map(({ id }) => id).sort();
    const shuffled = pairs.map(
      (_prompt, index) => pairs[(index * 37) % pairs.length] ?? makePrompt(),
    );
    expect(families(shuffled)).toHaveLength(120);
    expect(await ids(shuffled)).toEqual(await ids(pairs));
    expect(await ids(pairs, 8)).not.toEqual(await ids(pairs, 7));
  });

  it('keeps families whole and begins a larger sample with the smaller one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 130 }), fc.nat(), async (size, seed) => {
        const smaller = await sampleFamilies(pairs, { families: size, seed });
        const larger = await sampleFamilies(pairs, { families: size + 5, seed });
        expect(smaller).toHaveLength(2 * Math.min(size, 120));
        expect(larger.slice(0, smaller.length)).toEqual(smaller);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('draws every family about as often as another', async () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 300; seed += 1) {
      for (const family of families(await sampleFamilies(pairs, { families: 12, seed }))) {
        counts.set(family, (counts.get(family) ?? 0) + 1);
      }
    }
    // 300 draws of 3 in 30: mean 30, standard deviation 5.2; the bounds are five of them away.
    expect(counts.size).toBe(120);
    expect(Math.min(...counts.values())).toBeGreaterThan(4);
    expect(Math.max(...counts.values())).toBeLessThan(57);
  });
});
