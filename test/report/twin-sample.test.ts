import { describe, expect, it } from 'vitest';
import type { ExportedTrial } from '../../src/report/export/trial-columns.ts';
import { buildCandidate } from '../../src/report/gallery-item.ts';
import { createTwinSampler } from '../../src/report/twin-sample.ts';
import { POLICY, syntheticRun } from './synthetic-run.ts';

const template = await firstTrial();

async function firstTrial(): Promise<ExportedTrial> {
  for await (const trial of syntheticRun({ trials: 2 }).trials) return trial;
  throw new Error('no trial');
}

interface Made {
  readonly family: string;
  readonly intent: 'harmful' | 'benign' | 'control';
  readonly verdict: ExportedTrial['verdict']['class'];
  readonly seed?: number;
  readonly augmented?: boolean;
}

function make({ family, intent, verdict, seed = 1, augmented = false }: Made): ExportedTrial {
  const { generated } = template.record;
  const id = `${family}-${intent}${augmented ? '-leet' : ''}`;
  return {
    record: {
      detected: undefined,
      generated: {
        ...generated,
        trial: { ...generated.trial, id: `${id}-${seed}`, promptId: id, endpoint: 'e', seed },
        prompt: {
          ...generated.prompt,
          id,
          family,
          intent,
          ...(augmented ? { augmentations: [{ technique: 'leet' }] } : {}),
        },
      },
    },
    verdict: { ...template.verdict, class: verdict },
  };
}

function sample(list: readonly Made[], options: { limit?: number; withhold?: string } = {}) {
  const sampler = createTwinSampler(options.limit ?? 4);
  for (const { record, verdict } of list.map(make)) {
    const withheld = record.generated.prompt.family === options.withhold;
    sampler.offer(record, verdict, withheld ? null : () => buildCandidate(record, verdict, POLICY));
  }
  return sampler;
}

const FAMILY: readonly Made[] = [
  { family: 'a', intent: 'harmful', verdict: 'refused_input' },
  { family: 'a', intent: 'benign', verdict: 'harmless' },
  { family: 'a', intent: 'control', verdict: 'harmless' },
];

describe('twins', () => {
  it('counts a family with both sides by what became of each', () => {
    const alone: Made = { family: 'b', intent: 'harmful', verdict: 'harmful' };
    expect(sample([...FAMILY, alone]).counts()).toEqual([
      { endpoint: 'e', pairs: 1, cells: { 'refused/harmless': 1 } },
    ]);
  });

  it('lets the plainest trial speak, in whatever order trials come', () => {
    const more: readonly Made[] = [
      ...FAMILY,
      { family: 'a', intent: 'harmful', verdict: 'harmful', seed: 2 },
      { family: 'a', intent: 'harmful', verdict: 'failed', augmented: true, seed: 0 },
      { family: 'a', intent: 'benign', verdict: 'unscored', seed: 10 },
    ];
    for (const list of [more, more.toReversed()]) {
      const sampler = sample(list);
      expect(sampler.counts()).toMatchObject([{ cells: { 'refused/harmless': 1 } }]);
      expect(sampler.select()).toMatchObject([
        {
          harmful: { item: { trialId: 'a-harmful-1' } },
          benign: { item: { trialId: 'a-benign-1' } },
        },
      ]);
    }
  });

  it('shows the same few of many, whatever the order', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      FAMILY.map((made) => ({ ...made, family: `f${index}` })),
    ).flat();
    const families = (list: readonly Made[]): string[] =>
      sample(list)
        .select()
        .map(({ harmful }) => harmful.item.family);
    expect(families(many)).toHaveLength(4);
    expect(families(many.toReversed())).toEqual(families(many));
  });

  it('counts and never shows what is withheld', () => {
    const sampler = sample(FAMILY, { withhold: 'a' });
    expect(sampler.counts()).toMatchObject([{ pairs: 1 }]);
    expect(sampler.select()).toEqual([]);
  });
});
