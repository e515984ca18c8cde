import type { FilterSide } from '../core/audit.ts';
import type { Carrier, HazardId } from '../core/hazard.ts';
import type { Prompt } from '../core/prompt.ts';
import type { MediaSource } from '../media/media-source.ts';

/** One labelled prompt or medium. */
export interface AuditSample {
  /** Unique in the audit. */
  readonly id: string;
  /** Its twins and augmentations share it: the unit of clustering. */
  readonly family: string;
  readonly unsafe: boolean;
  /** What the label speaks of, the primary one first; empty where it names none. */
  readonly hazards: readonly HazardId[];
  /** How the harm reaches a person, where the label tells; prompts are matched by hazard alone. */
  readonly carrier: Carrier | undefined;
  /** Values by dimension: source, made by, language, augmentation. */
  readonly slices: Readonly<Record<string, string>>;
  /** Filters that it is for; undefined: all. */
  readonly filters: readonly string[] | undefined;
  readonly content:
    | { readonly kind: 'prompt'; readonly prompt: Prompt }
    | { readonly kind: 'media'; readonly read: () => Promise<MediaSource> };
}

/** Labelled samples of one source, and what of it is not among them. */
export interface SampleSource {
  readonly name: string;
  readonly kind: string;
  readonly samples: readonly AuditSample[];
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
}

/** Counts reasons. */
export function countReasons(
  reasons: Iterable<string>,
): { readonly reason: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count }));
}

/** Which side a sample is on. */
export function sampleSide({ content }: AuditSample): FilterSide {
  return content.kind === 'prompt' ? 'prompt' : 'media';
}
