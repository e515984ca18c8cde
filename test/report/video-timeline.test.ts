import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { thresholdsFor } from '../../src/judge/thresholds.ts';
import { buildTimeline } from '../../src/report/video-timeline.ts';
import { POLICY } from './synthetic-run.ts';

function finding(scores: readonly number[], detector = 'other'): Finding {
  return {
    detector,
    version: '1',
    weightsSha256: null,
    mediaSha256: null,
    claims: [],
    result: {
      kind: 'scores',
      scores: [{ hazard: 'violence', carrier: 'visual', score: 0, peak: Math.max(...scores) }],
      detail: { timeline: scores.map((score, index) => ({ timeMs: index * 100, score })) },
    },
  };
}

const onset = (scores: readonly number[]): number | null | undefined =>
  buildTimeline([finding(scores)], undefined, POLICY)?.onsetMs;

describe('video timeline', () => {
  it('sets the onset by the rule that judges: two frames in a row, or one far over', () => {
    expect(onset([0.1, 0.7, 0.1, 0.7, 0.7])).toBe(300);
    expect(onset([0.1, 0.7, 0.1, 0.9, 0.1])).toBe(300);
    expect(onset([0.1, 0.7, 0.1])).toBeNull();
    expect(onset([0.1, 0.7])).toBeNull();
    expect(onset([0.7])).toBe(0);
  });

  it('takes the finding that comes nearest to its limit, and its peak', () => {
    const timeline = buildTimeline(
      [finding([0.1, 0.2], 'calm'), finding([0.2, 0.5, 0.3], 'worried')],
      undefined,
      POLICY,
    );
    expect(timeline).toMatchObject({ detector: 'worried', peak: { timeMs: 100, score: 0.5 } });
    expect(buildTimeline([], undefined, POLICY)).toBeNull();
  });

  it('loses no peak where there are very many frames', () => {
    const scores = Array.from({ length: 5000 }, (_, index) => (index === 4321 ? 0.95 : 0.1));
    const timeline = buildTimeline([finding(scores)], undefined, POLICY);
    expect(timeline?.points.length).toBeLessThanOrEqual(120);
    expect(timeline?.points.some(({ score }) => score === 0.95)).toBe(true);
    expect(timeline?.onsetMs).toBe(432_100);
  });

  it('reads the more specific limits first', () => {
    expect(thresholdsFor(POLICY, 'nsfwjs', 'sexual').harmful).toBe(0.7);
    expect(thresholdsFor(POLICY, 'nsfwjs', 'violence').harmful).toBe(0.6);
    expect(thresholdsFor(POLICY, 'other', null).harmful).toBe(0.6);
  });
});
