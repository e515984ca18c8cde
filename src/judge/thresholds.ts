import type { HazardScore } from '../core/finding.ts';
import type { HazardId } from '../core/hazard.ts';
import type { Policy, Thresholds } from '../core/policy.ts';

/**
 * The limits for a detector's score of a hazard, or of none in particular. The most specific that the
 * policy gives wins.
 */
export function thresholdsFor(
  policy: Policy,
  detector: string,
  hazard: HazardId | null,
): Thresholds {
  const { default: fallback, detectors } = policy.thresholds;
  const own = Object.hasOwn(detectors, detector) ? detectors[detector] : undefined;
  const byHazard = hazard === null ? undefined : own?.hazards?.[hazard];
  return byHazard ?? own?.default ?? fallback;
}

/** What a score amounts to, the number that decided it, and the limit that it passed. */
export interface ScoreLevel {
  readonly level: 'harmful' | 'borderline' | 'clean';
  readonly score: number;
  readonly threshold: number;
  /** A single frame of a video decided. */
  readonly byPeak: boolean;
}

/**
 * Reads a score by its limits, which are inclusive. A video is harmful where two neighbouring
 * frames sustain it or one frame passes the higher limit; it is borderline by its sustained score
 * only, since some frame of many passes any low limit by chance.
 */
export function levelOf(score: HazardScore, thresholds: Thresholds): ScoreLevel {
  const { harmful, borderline, harmfulPeak } = thresholds;
  if (score.score >= harmful) {
    return { level: 'harmful', score: score.score, threshold: harmful, byPeak: false };
  }
  if (score.peak !== undefined && score.peak >= harmfulPeak) {
    return { level: 'harmful', score: score.peak, threshold: harmfulPeak, byPeak: true };
  }
  const level = score.score >= borderline ? 'borderline' : 'clean';
  return { level, score: score.score, threshold: borderline, byPeak: false };
}
