import { describe, expect, it } from 'vitest';
import { VERDICTS } from '../../src/core/verdict.ts';
import { buildReportModel, type ReportInput } from '../../src/report/build-model.ts';
import { createGallerySampler } from '../../src/report/gallery-sample.ts';
import { createRandom, LONG_TEXT, POLICY, syntheticRun } from './synthetic-run.ts';

async function collect(run: ReportInput) {
  const trials = [];
  for await (const trial of run.trials) trials.push(trial);
  return trials;
}

describe('report model', () => {
  it('is plain data', async () => {
    const model = await buildReportModel(syntheticRun());
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  });

  it('shows at most the limit, every verdict and every endpoint among it', async () => {
    const run = syntheticRun();
    const { gallery } = await buildReportModel(run);
    expect(gallery.items).toHaveLength(120);
    expect(gallery.trials).toBe(run.trialCount);
    expect(new Set(gallery.items.map(({ verdict }) => verdict.class))).toEqual(new Set(VERDICTS));
    expect(new Set(gallery.items.map(({ endpoint }) => endpoint)).size).toBe(6);
  });

  it('shows the same trials in whatever order they come', async () => {
    const run = syntheticRun();
    const trials = await collect(run);
    const random = createRandom(3);
    const shuffled = trials
      .map((trial) => ({ trial, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ trial }) => trial);
    const stream = async function* () {
      yield* shuffled;
    };
    const model = await buildReportModel({ ...run, trials: stream() });
    expect(model).toEqual(await buildReportModel(syntheticRun()));
  });

  it('withholds what concerns child safety, and counts it', async () => {
    const run = syntheticRun({ trials: 10 });
    const [first, second, third] = (await collect(run)).filter(
      ({ record }) => record.detected !== undefined,
    );
    if (first === undefined || second === undefined || third?.record.detected === undefined)
      throw new Error('the fixture lacks media');
    const asked = structuredClone(first);
    asked.record.generated.prompt.hazards = ['child_safety'];
    const found = {
      ...second,
      verdict: { ...second.verdict, offTarget: ['child_safety' as const] },
    };
    const seen = structuredClone(third);
    seen.record.detected?.findings.push({
      detector: 'd',
      version: '1',
      weightsSha256: null,
      mediaSha256: null,
      claims: [],
      result: {
        kind: 'scores',
        scores: [
          {
            hazard: 'child_safety',
            carrier: 'visual',
            score: POLICY.thresholds.default.borderline,
          },
        ],
      },
    });
    const looked: string[] = [];
    const { gallery } = await buildReportModel({
      ...run,
      trials: (async function* () {
        yield* [asked, found, seen];
      })(),
      thumbnail: async (ref) => {
        looked.push(ref.sha256);
        return null;
      },
    });
    expect(gallery).toMatchObject({ items: [], trials: 3, withheld: 3 });
    expect(looked).toEqual([]);
  });

  it.each([
    ['a script', 'javascript:alert(1)'],
    ['an SVG, which can hold script', 'data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='],
    ['a picture too large to be pixelated', `data:image/png;base64,${'A'.repeat(8192)}`],
    ['an address that leaves its attribute', 'data:image/png;base64,AA"onerror="x'],
  ])('does not embed %s', async (_, address) => {
    const run = syntheticRun({ trials: 20 });
    const { gallery } = await buildReportModel({ ...run, thumbnail: async () => address });
    expect(gallery.items.some(({ medium }) => medium !== null)).toBe(true);
    for (const { medium } of gallery.items) expect(medium?.thumbnail ?? null).toBeNull();
  });

  it('keeps texts short', async () => {
    const { gallery } = await buildReportModel(syntheticRun({ hostile: true }));
    const long = gallery.items.find(({ prompt }) => prompt.omitted > 0);
    expect((long?.prompt.text.length ?? 0) + (long?.prompt.omitted ?? 0)).toBe(LONG_TEXT.length);
    expect(JSON.stringify(gallery).length).toBeLessThan(1_000_000);
  });

  it('lists what is covered by which detector, and what by none', async () => {
    const { coverage } = await buildReportModel(syntheticRun());
    const find = (hazard: string, carrier: string) =>
      coverage.find((row) => row.hazard === hazard && row.carrier === carrier);
    expect(find('sexual', 'visual')?.detectors).toEqual(['nsfwjs']);
    expect(find('violence', 'visual')).toMatchObject({ detectors: [] });
    expect(find('violence', 'visual')?.trials).toBeGreaterThan(0);
    expect(find('ip', 'visual')).toBeUndefined();
  });

  it('says how videos were sampled, and that they have sound', async () => {
    const { sampling, gallery } = await buildReportModel(
      syntheticRun({ videos: true, trials: 30 }),
    );
    expect(sampling).toMatchObject({
      images: 0,
      coverage: { framesMin: 16, framesMax: 16, missableMs: 520, audio: 'not examined' },
    });
    expect(sampling.withAudio).toBe(sampling.videos);
    const strips = gallery.items.filter(({ medium }) => (medium?.timeline?.frames.length ?? 0) > 0);
    expect(strips).toHaveLength(24);
    for (const { medium } of strips) {
      const times = medium?.timeline?.frames.map(({ timeMs }) => timeMs) ?? [];
      expect(times).toEqual([0, 780, 1560, 2340, 3120, 3900]);
    }
  });
});

describe('gallery sample', () => {
  it('holds no more for a long run than for a short one', () => {
    const sampler = createGallerySampler<number>({ limit: 20, endpoints: 1 });
    let built = 0;
    for (let index = 0; index < 20_000; index += 1)
      sampler.offer({ id: `trial-${index}`, endpoint: 'a', verdict: 'harmless' }, () => {
        built += 1;
        return index;
      });
    // Of n offers about 60·ln(n/60) + 60 are ever among the 60 lowest hashes.
    expect(built).toBeLessThan(600);
    expect(sampler.select()).toHaveLength(20);
  });

  it('gives a rare class its place beside a common one', () => {
    const sampler = createGallerySampler<string>({ limit: 10, endpoints: 1 });
    for (let index = 0; index < 500; index += 1)
      sampler.offer({ id: `a${index}`, endpoint: 'a', verdict: 'harmless' }, () => 'harmless');
    sampler.offer({ id: 'rare', endpoint: 'a', verdict: 'harmful' }, () => 'harmful');
    expect(sampler.select()).toEqual(['harmful', ...Array<string>(9).fill('harmless')]);
  });
});
