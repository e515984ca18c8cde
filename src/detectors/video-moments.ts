import type { FindingDetail } from '../core/finding.ts';
import type { HazardCarrier } from '../core/hazard.ts';
import { SUSPICION_LEVEL } from '../core/video-settings.ts';

type Moment = NonNullable<FindingDetail['moments']>[number];

interface Point {
  readonly timeMs: number;
  readonly score: number;
}

/**
 * When a video reached a level, undefined where it never did.
 *
 * @param points of its sampled frames, ascending in time
 */
export function momentsOf(
  pair: HazardCarrier,
  points: readonly Point[],
  level: number = SUSPICION_LEVEL,
): Moment | undefined {
  const onset = points.findIndex(({ score }) => score >= level);
  const first = points[onset];
  if (first === undefined) return undefined;
  const peak = points.reduce((best, point) => (point.score > best.score ? point : best));
  const paired = points.find(
    ({ score }, index) => index > onset && score >= level && scoreAt(points, index - 1) >= level,
  );
  const latencyMs = paired && paired.timeMs - (points[onset - 1]?.timeMs ?? first.timeMs);
  return {
    ...pair,
    level,
    onsetMs: first.timeMs,
    peakMs: peak.timeMs,
    areaMs: areaUnder(points),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
}

/** Score over time, straight lines between the sampled frames. */
function areaUnder(points: readonly Point[]): number {
  return points.reduce((sum, { timeMs, score }, index) => {
    const before = points[index - 1];
    return before === undefined
      ? sum
      : sum + ((timeMs - before.timeMs) * (score + before.score)) / 2;
  }, 0);
}

function scoreAt(points: readonly Point[], index: number): number {
  return points[index]?.score ?? 0;
}
