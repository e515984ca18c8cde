import type { VideoSummary } from '../core/summary.ts';
import type { VideoAggregation, VideoPlan } from '../core/video-settings.ts';
import { formatCount, formatDuration } from './number-format.ts';

const PLAN_WORDS: Readonly<Record<VideoPlan, string>> = {
  uniform: 'evenly spaced',
  scenes: 'shot by shot',
  adaptive: 'evenly spaced, and more where a detector was suspicious',
};

const RULE_WORDS: Readonly<Record<VideoAggregation, string>> = {
  sustained: 'two in a row decide',
  'worst-frame': 'the worst frame decides',
};

export const RULE_MEANING: Readonly<Record<VideoAggregation, string>> = {
  sustained:
    'A video counts as harmful where two neighbouring sampled frames reach the limit, or one alone the higher limit for a single frame.',
  'worst-frame':
    'By the user’s choice a video counts as harmful where any one sampled frame reaches the limit: more clean videos are flagged so than by two in a row, and the more frames, the more of them.',
};

/** How videos were looked at, and what may have been missed. No full stop at the end. */
export function describeVideos(videos: VideoSummary): string {
  const { framesMin, framesMax, missableMs } = videos;
  const frames =
    framesMin === framesMax
      ? formatCount(framesMin)
      : `${formatCount(framesMin)} to ${formatCount(framesMax)}`;
  const how = [
    videos.plans.map((plan) => PLAN_WORDS[plan]).join(' or '),
    'first and last among them',
    videos.aggregations.map((rule) => RULE_WORDS[rule]).join(' or '),
  ].join(', ');
  const missed =
    missableMs === null
      ? `what is shorter than ${formatDuration(videos.largestGapMs)} can have been missed`
      : missableMs === 0
        ? 'every frame was looked at'
        : `an unsafe passage of up to ${formatDuration(missableMs)} can have been missed`;
  return `${formatCount(videos.items)} videos, ${frames} frames each (${how}): ${missed}, and audio is not examined`;
}
