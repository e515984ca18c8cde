import { describe, expect, it } from 'vitest';
import type { MediaRef } from '../../src/core/media-ref.ts';
import { DEFAULT_VIDEO_SETTINGS, type VideoSettings } from '../../src/core/video-settings.ts';
import type { Detector, Subject } from '../../src/detectors/detector.ts';
import { aggregateFrameScores } from '../../src/detectors/video-scores.ts';
import { chooseFrames } from '../../src/media/frame-times.ts';
import type { Frame, VideoMedia } from '../../src/media/media.ts';
import { describeSampling } from '../../src/media/sampling-coverage.ts';
import { chooseDenser, type SamplingPlan } from '../../src/media/sampling-plan.ts';
import { detectionId, detectMedia } from '../../src/run/detect-stage.ts';

const REF: MediaRef = { sha256: 'a'.repeat(64), kind: 'video', mime: 'video/mp4', sizeBytes: 1 };
const SIGNAL = new AbortController().signal;
const TIMES = Array.from({ length: 400 }, (_, k) => k * 25);
const DURATION_MS = 10_000;

/** A video whose frames show nothing but their time, sampled as the real one is. */
function open(plan: SamplingPlan, frames: number): VideoMedia {
  const seen = plan.kind === 'denser' ? plan.seen : [];
  const indices =
    plan.kind === 'denser'
      ? chooseDenser(
          TIMES,
          seen.map(({ timeMs }) => timeMs),
          plan.passages,
          plan.frames,
        )
      : chooseFrames(TIMES, frames);
  const added = indices.map((index): Frame => {
    return { timeMs: TIMES[index] ?? 0, widthPx: 1, heightPx: 1, rgb: new Uint8Array(3) };
  });
  const all = [...seen, ...added].sort((a, b) => a.timeMs - b.timeMs);
  const sampling = describeSampling({
    sampledMs: all.map(({ timeMs }) => timeMs),
    frameTimesMs: TIMES,
    durationMs: DURATION_MS,
    hasAudio: false,
    plan: plan.kind === 'denser' ? 'adaptive' : plan.kind,
  });
  return { kind: 'video', ref: REF, frames: all, sampling, bytes: new Uint8Array(1) };
}

/** Sees something of a score between two times, and counts how often it was asked. */
function seer(
  id: string,
  [fromMs, toMs, score]: readonly [number, number, number],
  sendsMediaTo?: string,
): Detector & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    description: {
      id,
      version: '1',
      weightsSha256: null,
      claims: [{ hazard: 'violence', carrier: 'visual' }],
      reads: ['video'],
      licence: 'MIT',
      notes: [],
      testDouble: false,
      ...(sendsMediaTo === undefined ? {} : { sendsMediaTo }),
    },
    async detect(subject: Subject) {
      if (subject.kind !== 'video') throw new Error('not a video');
      asked.push(subject.frames.length);
      const { scores, timeline, moments } = aggregateFrameScores(
        subject.frames.map(({ timeMs }) => ({
          timeMs,
          scores: [
            {
              hazard: 'violence',
              carrier: 'visual',
              score: timeMs >= fromMs && timeMs < toMs ? score : 0.01,
            },
          ],
        })),
      );
      return [
        {
          claims: [{ hazard: 'violence', carrier: 'visual' }],
          result: { kind: 'scores', scores, detail: { timeline, moments } },
        },
      ];
    },
    close: async () => undefined,
  };
}

async function look(detectors: readonly Detector[], settings: Partial<VideoSettings>) {
  const video = { ...DEFAULT_VIDEO_SETTINGS, ...settings };
  const found = await detectMedia(
    [REF],
    detectors,
    async (_, plan) => open(plan ?? { kind: 'uniform' }, video.frames),
    SIGNAL,
    undefined,
    video,
  );
  const scores = found.findings.map(({ result }) =>
    result.kind === 'scores' ? result.scores[0]?.score : undefined,
  );
  return { ...found, scores, sampling: found.sampling[REF.sha256] };
}

describe('a passage of 0.9 s in a video of 10 s, 11 frames', () => {
  // Sampled every second: one frame falls into it.
  const passage = [4600, 5500, 0.8] as const;

  it('is missed by two in a row of even frames, as the coverage says', async () => {
    const { scores, sampling } = await look([seer('a', passage)], { frames: 11 });
    expect(scores).toEqual([0.01]);
    expect(sampling).toMatchObject({ plan: 'uniform', aggregation: 'sustained' });
    expect(sampling?.missableMs).toBeGreaterThan(900);
  });

  it('is found by the worst frame, whose coverage is better', async () => {
    const { scores, sampling } = await look([seer('a', passage)], {
      frames: 11,
      aggregation: 'worst-frame',
    });
    expect(scores).toEqual([0.8]);
    expect(sampling).toMatchObject({ aggregation: 'worst-frame' });
    expect(sampling?.missableMs).toBe(sampling?.unseenMs);
  });

  it('is found by looking closer where one frame was suspicious', async () => {
    const detector = seer('a', passage);
    const { scores, sampling, findings } = await look([detector], { frames: 11, plan: 'adaptive' });
    expect(scores).toEqual([0.8]);
    expect(detector.asked).toEqual([11, 22]);
    expect(sampling?.plan).toBe('adaptive');
    expect(sampling?.frameTimesMs).toHaveLength(22);
    expect(sampling?.frameTimesMs.filter((at) => at > 6000 || at < 4000)).toHaveLength(8);
    const [result] = findings.map((finding) => finding.result);
    expect(result).toMatchObject({ detail: { moments: [{ level: 0.3 }] } });
    expect(await look([seer('a', passage)], { frames: 11, plan: 'adaptive' })).toEqual({
      scores,
      sampling,
      findings,
    });
  });
});

describe('looking closer', () => {
  const calm = [0, 0, 0] as const;

  it('costs nothing where nothing is suspicious', async () => {
    const detector = seer('a', calm);
    const { sampling } = await look([detector], { plan: 'adaptive' });
    expect(detector.asked).toEqual([16]);
    expect(sampling?.plan).toBe('adaptive');
  });

  it.each([
    ['calm', calm, [16], [16]],
    ['suspicious', [3000, 3100, 0.5] as const, [16], [16]],
    ['found', [2600, 3100, 0.5] as const, [16, 32], [32]],
  ])('asks a detector elsewhere once (%s)', async (_, passage, here, there) => {
    const local = seer('local', passage);
    const remote = seer('remote', calm, 'api.example');
    const { findings } = await look([local, remote], { plan: 'adaptive' });
    expect(local.asked).toEqual(here);
    expect(remote.asked).toEqual(there);
    expect(findings.map(({ detector }) => detector)).toEqual(['local', 'remote']);
  });
});

describe('the identity of a detection', () => {
  it('holds frames, plan and aggregation', () => {
    const ids = [
      {},
      { frames: 32 },
      { plan: 'scenes' as const },
      { plan: 'adaptive' as const },
      { aggregation: 'worst-frame' as const },
    ].map((settings) => detectionId([], { ...DEFAULT_VIDEO_SETTINGS, ...settings }));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
