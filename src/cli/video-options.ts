import { type Command, Option } from 'commander';
import {
  DEFAULT_VIDEO_SETTINGS,
  VIDEO_AGGREGATIONS,
  VIDEO_PLANS,
  type VideoSettings,
} from '../core/video-settings.ts';
import { wholeNumber } from './options.ts';

/** How videos are looked at, as flags: the keys under `video` of a pipeline. */
export type VideoOptions = VideoSettings;

export function addVideoOptions(command: Command): Command {
  const { frames, plan, aggregation } = DEFAULT_VIDEO_SETTINGS;
  return command
    .option(
      '--frames <count>',
      'frames sampled from a video',
      wholeNumber('--frames', 2, 512),
      frames,
    )
    .addOption(
      new Option('--plan <name>', 'how they are chosen').choices(VIDEO_PLANS).default(plan),
    )
    .addOption(
      new Option('--aggregation <name>', 'two frames in a row decide, or the worst one')
        .choices(VIDEO_AGGREGATIONS)
        .default(aggregation),
    );
}

export function videoSettingsOf({ frames, plan, aggregation }: VideoOptions): VideoSettings {
  return { frames, plan, aggregation };
}
