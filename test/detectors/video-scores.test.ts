import { describe, expect, it } from 'vitest';
import {
  aggregateFrameScores,
  type FrameScores,
  sustainedScore,
} from '../../src/detectors/video-scores.ts';
import fc from '../fast-check.ts';

function frames(...scores: number[]): FrameScores[] {
  return scores.map((score, index) => ({
    timeMs: index * 500,
    scores: [{ hazard: 'sexual', carrier: 'visual', score }],
  }));
}

describe('sustainedScore', () => {
  it('is what two neighbours both reach', () => {
    expect(sustainedScore([0.1, 0.9, 0.2, 0.6, 0.7])).toBe(0.6);
  });

  it('does not join values that are apart', () => {
    expect(sustainedScore([0.9, 0, 0.9, 0, 0.9])).toBe(0);
  });

  it('of a single value is that value', () => {
    expect(sustainedScore([0.8])).toBe(0.8);
  });

  it('of nothing is an error, not 0', () => {
    expect(() => sustainedScore([])).toThrow(RangeError);
  });

  it('lies between the smallest and the largest, and does not depend on the direction', () => {
    const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(probabilities, (values) => {
        const sustained = sustainedScore(values);
        expect(values).toContain(sustained);
        expect(sustained).toBe(sustainedScore([...values].reverse()));
      }),
    );
  });
});

describe('aggregateFrameScores', () => {
  it('tells sustained score, peak, timeline and the frame to show', () => {
    expect(aggregateFrameScores(frames(0.1, 0.9, 0.4))).toEqual({
      scores: [{ hazard: 'sexual', carrier: 'visual', score: 0.4, peak: 0.9 }],
      timeline: [
        { timeMs: 0, score: 0.1 },
        { timeMs: 500, score: 0.9 },
        { timeMs: 1000, score: 0.4 },
      ],
      moments: [
        {
          hazard: 'sexual',
          carrier: 'visual',
          level: 0.3,
          onsetMs: 500,
          peakMs: 500,
          areaMs: expect.closeTo(575, 6),
          // From 0, where nothing was seen yet, to the frame that confirms it.
          latencyMs: 1000,
        },
      ],
      worstFrame: 1,
    });
  });

  it('gives no latency where the rule never noticed, and no moment below suspicion', () => {
    const { moments } = aggregateFrameScores(frames(0.1, 0.9, 0.1));
    expect(moments).toMatchObject([{ onsetMs: 500, peakMs: 500 }]);
    expect(moments[0]).not.toHaveProperty('latencyMs');
    expect(aggregateFrameScores(frames(0.1, 0.2)).moments).toEqual([]);
  });

  it('draws the timeline of the pair with the highest peak', () => {
    const { scores, timeline, worstFrame } = aggregateFrameScores([
      {
        timeMs: 0,
        scores: [
          { hazard: 'hate', carrier: 'text', score: 0.3 },
          { hazard: 'profanity', carrier: 'text', score: 0.2 },
        ],
      },
      {
        timeMs: 40,
        // The order of pairs may differ between frames.
        scores: [
          { hazard: 'profanity', carrier: 'text', score: 0.8 },
          { hazard: 'hate', carrier: 'text', score: 0.1 },
        ],
      },
    ]);
    expect(scores).toEqual([
      { hazard: 'hate', carrier: 'text', score: 0.1, peak: 0.3 },
      { hazard: 'profanity', carrier: 'text', score: 0.2, peak: 0.8 },
    ]);
    expect(timeline.map(({ score }) => score)).toEqual([0.2, 0.8]);
    expect(worstFrame).toBe(1);
  });

  it('refuses no frames, and frames that were scored on different pairs', () => {
    expect(() => aggregateFrameScores([])).toThrow(RangeError);
    const [frame] = frames(0.5);
    const bare = { timeMs: 10, scores: [] };
    expect(() => aggregateFrameScores([frame ?? bare, bare])).toThrow(RangeError);
    expect(() => aggregateFrameScores([bare, frame ?? bare])).toThrow(RangeError);
  });
});
