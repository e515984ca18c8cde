import type { Carrier, HazardId } from '../../core/hazard.ts';
import { sha256Of } from '../../core/ids.ts';
import type { MediaSource } from '../../media/media-source.ts';
import type { AuditSample } from '../sample.ts';

/** What all media of one entry share. */
export interface MediaEntryOptions {
  readonly source: string;
  readonly madeBy: string | undefined;
  readonly filters: readonly string[] | undefined;
}

/** A labelled medium as a sample. */
export function mediaSample(
  entry: MediaEntryOptions,
  medium: {
    /** Tells it apart in its source: a path below the folder, or a row. */
    readonly key: string;
    readonly unsafe: boolean;
    readonly hazards: readonly HazardId[];
    readonly read: () => Promise<MediaSource>;
    readonly carrier?: Carrier | undefined;
    readonly family?: string | undefined;
    readonly slices?: Readonly<Record<string, string>>;
  },
): AuditSample {
  const id = `${entry.source}/${medium.key}`;
  return {
    id,
    // Unless the labels say which belong together, each stands for itself.
    family: medium.family ?? `medium-${sha256Of(id).slice(0, 16)}`,
    unsafe: medium.unsafe,
    hazards: medium.hazards,
    carrier: medium.carrier,
    slices: {
      source: entry.source,
      ...(entry.madeBy === undefined ? {} : { madeBy: entry.madeBy }),
      ...medium.slices,
    },
    filters: entry.filters,
    content: { kind: 'media', read: medium.read },
  };
}
