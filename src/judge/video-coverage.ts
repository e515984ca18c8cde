import type { TrialRecord } from '../core/journal-event.ts';
import type { VideoSummary } from '../core/summary.ts';
import { VIDEO_AGGREGATIONS, VIDEO_PLANS } from '../core/video-settings.ts';

/** Folds how videos were looked at into what could have been missed. The order does not matter. */
export interface VideoCoverageFold {
  add(record: TrialRecord): void;
  /** Undefined where no video was looked at. */
  finish(): VideoSummary | undefined;
}

export function createVideoCoverageFold(): VideoCoverageFold {
  let items = 0;
  let framesMin = Number.POSITIVE_INFINITY;
  let framesMax = 0;
  let largestGapMs = 0;
  let missableMs = 0;
  let untold = 0;
  let withAudio = 0;
  const plans = new Set<string>();
  const aggregations = new Set<string>();
  return {
    add({ detected }) {
      for (const sampled of Object.values(detected?.sampling ?? {})) {
        items += 1;
        framesMin = Math.min(framesMin, sampled.frameTimesMs.length);
        framesMax = Math.max(framesMax, sampled.frameTimesMs.length);
        largestGapMs = Math.max(largestGapMs, sampled.largestGapMs);
        withAudio += sampled.hasAudio ? 1 : 0;
        // Journals of earlier versions do not tell; then these were the only ways.
        plans.add(sampled.plan ?? 'uniform');
        aggregations.add(sampled.aggregation ?? 'sustained');
        if (sampled.missableMs === undefined) untold += 1;
        else missableMs = Math.max(missableMs, sampled.missableMs);
      }
    },
    finish() {
      if (items === 0) return undefined;
      return {
        items,
        framesMin,
        framesMax,
        plans: VIDEO_PLANS.filter((plan) => plans.has(plan)),
        aggregations: VIDEO_AGGREGATIONS.filter((aggregation) => aggregations.has(aggregation)),
        largestGapMs,
        missableMs: untold > 0 ? null : missableMs,
        audio: 'not examined',
        withAudio,
      };
    },
  };
}
