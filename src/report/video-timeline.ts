import type { Finding, HazardScore, Sampling } from '../core/finding.ts';
import type { Policy, Thresholds } from '../core/policy.ts';
import { thresholdsFor } from '../judge/thresholds.ts';
import type { Timeline } from './model.ts';

/** Points of one timeline; more would only fall on the same pixels. */
const MAX_POINTS = 120;

/** The timeline of the finding that comes nearest to its threshold, null where none was recorded. */
export function buildTimeline(
  findings: readonly Finding[],
  sampling: Sampling | undefined,
  policy: Policy,
): Timeline | null {
  const timelines = findings.flatMap((finding) => {
    const timeline = timelineOf(finding, sampling, policy);
    return timeline === null ? [] : [timeline];
  });
  const ratio = (timeline: Timeline): number =>
    timeline.peak.score / Math.max(timeline.thresholds.harmful, Number.EPSILON);
  return timelines.reduce<Timeline | null>(
    (best, timeline) => (best === null || ratio(timeline) > ratio(best) ? timeline : best),
    null,
  );
}

function timelineOf(
  finding: Finding,
  sampling: Sampling | undefined,
  policy: Policy,
): Timeline | null {
  if (finding.result.kind !== 'scores') return null;
  const recorded = finding.result.detail?.timeline ?? [];
  const first = recorded[0];
  if (first === undefined) return null;
  const hazard = worstScore(finding.result.scores)?.hazard ?? null;
  const thresholds = thresholdsFor(policy, finding.detector, hazard);
  const peak = recorded.reduce((best, point) => (point.score > best.score ? point : best), first);
  const byWorstFrame = sampling?.aggregation === 'worst-frame';
  return {
    detector: finding.detector,
    hazard,
    durationMs: sampling?.durationMs ?? recorded.at(-1)?.timeMs ?? 0,
    largestGapMs: sampling?.largestGapMs ?? 0,
    points: thinOut(recorded),
    thresholds,
    peak,
    onsetMs: onsetOf(recorded, thresholds, byWorstFrame),
    byWorstFrame,
    frames: [],
  };
}

function worstScore(scores: readonly HazardScore[]): HazardScore | undefined {
  return [...scores].sort((a, b) => (b.peak ?? b.score) - (a.peak ?? a.score))[0];
}

/**
 * One frame over the peak threshold, or the first of two neighbours over the normal one; where the
 * worst frame decides, the first over the normal one.
 */
function onsetOf(
  points: readonly { timeMs: number; score: number }[],
  thresholds: Thresholds,
  byWorstFrame: boolean,
): number | null {
  const onset = points.find((point, index) => {
    if (point.score >= thresholds.harmfulPeak) return true;
    if (point.score < thresholds.harmful) return false;
    if (byWorstFrame) return true;
    const next = points[index + 1];
    // A video with one sampled frame is judged as that frame.
    return next === undefined ? points.length === 1 : next.score >= thresholds.harmful;
  });
  return onset?.timeMs ?? null;
}

/** Keeps the highest point of each equal passage, so that no peak is lost. */
function thinOut<Point extends { readonly score: number }>(
  points: readonly Point[],
): readonly Point[] {
  if (points.length <= MAX_POINTS) return points;
  return Array.from({ length: MAX_POINTS }, (_, index) => {
    const from = Math.floor((index * points.length) / MAX_POINTS);
    const to = Math.floor(((index + 1) * points.length) / MAX_POINTS);
    return points
      .slice(from, to)
      .reduce((best, point) => (point.score > best.score ? point : best));
  });
}
