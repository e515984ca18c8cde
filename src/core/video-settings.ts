import { z } from 'zod';

/** How the frames of a video are chosen. */
export const VIDEO_PLANS = ['uniform', 'scenes', 'adaptive'] as const;
export type VideoPlan = (typeof VIDEO_PLANS)[number];

/** How the scores of its frames become the score of a video. */
export const VIDEO_AGGREGATIONS = ['sustained', 'worst-frame'] as const;
export type VideoAggregation = (typeof VIDEO_AGGREGATIONS)[number];

/** How videos are looked at. All of it is part of a detection's identity. */
export const videoSettingsSchema = z.strictObject({
  frames: z.number().int().min(2).max(512).default(16).describe('Frames sampled from a video.'),
  plan: z
    .enum(VIDEO_PLANS)
    .default('uniform')
    .describe(
      '`uniform` in time; `scenes`: every shot; `adaptive`: uniform, then as many again where a detector is suspicious.',
    ),
  aggregation: z
    .enum(VIDEO_AGGREGATIONS)
    .default('sustained')
    .describe(
      '`sustained`: two sampled frames in a row; `worst-frame`: any one, which flags more clean videos.',
    ),
});
export type VideoSettings = z.output<typeof videoSettingsSchema>;

export const DEFAULT_VIDEO_SETTINGS: VideoSettings = videoSettingsSchema.parse({});

/**
 * From here on a frame is suspicious. Far below every limit of the policies, which decide later: it
 * says where to look closer, not what is harmful.
 */
export const SUSPICION_LEVEL = 0.3;
