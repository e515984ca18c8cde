import { describe, expect, it } from 'vitest';
import type { Prompt } from '../../src/core/prompt.ts';
import { forecastDetector, forecastEndpoint, precisionOf } from '../../src/run/forecast.ts';
import type { EndpointEntry } from '../../src/run/pipeline.ts';
import { prompt } from '../judge/records.ts';

const entry: EndpointEntry = { id: 'camera', use: 'sandbox', concurrency: 2 };
const plan = { seeds: 2, repeats: 3 };

const prompts: readonly Prompt[] = [
  prompt({ id: 'a', family: 'f1' }),
  prompt({ id: 'b', family: 'f1', intent: 'benign' }),
  prompt({ id: 'c', family: 'f2', modality: 'video' }),
  prompt({ id: 'd', family: 'f3' }),
];

async function* source(): AsyncGenerator<Prompt> {
  yield* prompts;
}

describe('what a plan tells before anything is sent', () => {
  it('counts trials, and leaves cost and time unknown where nothing tells them', async () => {
    expect(await forecastEndpoint(entry, 'image', source(), plan, undefined)).toMatchObject({
      prompts: 3,
      trials: 18,
      otherModality: 1,
      byIntent: { harmful: { prompts: 2, families: 2 }, benign: { prompts: 1, families: 1 } },
      costUsd: null,
      costFrom: 'unknown',
      durationMs: null,
    });
  });

  it('takes the declared price before that of an earlier run', async () => {
    const earlier = { latencyMs: 1000, costUsd: 0.5 };
    expect(await forecastEndpoint(entry, 'image', source(), plan, earlier)).toMatchObject({
      costUsd: 9,
      costFrom: 'earlier run',
      durationMs: 9000,
    });
    const priced = { ...entry, priceUsd: 0.01 };
    const forecast = await forecastEndpoint(priced, 'image', source(), plan, earlier);
    expect(forecast.costUsd).toBeCloseTo(0.18, 12);
    expect(forecast.costFrom).toBe('declared price');
  });

  it('never plans more trials than the limit lets through', async () => {
    const limited = { ...entry, limits: { maxTrials: 5 } };
    expect((await forecastEndpoint(limited, 'image', source(), plan, undefined)).trials).toBe(5);
  });
});

describe('what a detector elsewhere will cost', () => {
  it('is unknown where nothing tells, and never 0 for it', () => {
    expect(
      forecastDetector('judge', { cascade: false, priceUsd: undefined }, 50, undefined),
    ).toEqual({
      detector: 'judge',
      cascade: false,
      mediaAtMost: 50,
      mediaExpected: null,
      costUsdAtMost: null,
      costUsdExpected: null,
      costFrom: 'unknown',
    });
  });

  it('takes what a medium cost before the price of one request, and the share that was in doubt', () => {
    const options = { cascade: true, priceUsd: 0.01 };
    const earlier = { asked: 20, skipped: 60, costUsd: 0.03 };
    const forecast = forecastDetector('judge', options, 200, earlier);
    expect(forecast).toMatchObject({ mediaExpected: 50, costFrom: 'earlier run' });
    expect(forecast.costUsdAtMost).toBeCloseTo(6, 12);
    expect(forecast.costUsdExpected).toBeCloseTo(1.5, 12);
    const untold = forecastDetector('judge', options, 200, { ...earlier, costUsd: null });
    expect(untold).toMatchObject({ costUsdAtMost: 2, costUsdExpected: 0.5 });
    expect(untold.costFrom).toBe('declared price');
    const every = forecastDetector('judge', { ...options, cascade: false }, 200, earlier);
    expect(every).toMatchObject({ mediaExpected: null, costUsdExpected: null });
  });
});

describe('what so many families can show', () => {
  it('is nothing without any', () => expect(precisionOf(0)).toBeNull());

  it('agrees with the published sizes', () => {
    // 626 prompts show .05 where the systems differ on .2 of them; 312 where on .1.
    expect(precisionOf(626)?.smallestDifferenceAtFifth).toBeCloseTo(0.05, 3);
    expect(precisionOf(312)?.smallestDifferenceAtTenth).toBeCloseTo(0.05, 3);
    expect(precisionOf(100)?.upperLimitAtZero).toBeCloseTo(0.037, 3);
    expect(precisionOf(5)?.smallestDifferenceAtTenth).toBeNull();
  });
});
