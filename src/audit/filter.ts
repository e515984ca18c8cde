import type { FilterSide, ThresholdSource } from '../core/audit.ts';
import type { Carrier, HazardId } from '../core/hazard.ts';
import type { Detector } from '../detectors/detector.ts';
import { type AuditSample, sampleSide } from './sample.ts';

/** From which score on a filter flags. */
export interface FilterThreshold {
  readonly threshold: number;
  /** A single frame of a video is enough from here; undefined where the filter has no such limit. */
  readonly peak: number | undefined;
  readonly from: ThresholdSource;
}

/** A detector with a decision. */
export interface DetectorFilter {
  readonly id: string;
  readonly detector: Detector;
  /** Null: of a detector that claims no hazard. */
  readonly thresholdOf: (hazard: HazardId | null) => FilterThreshold;
}

/** The hazards that a detector claims, in its order. */
export function claimedHazards({ detector }: DetectorFilter): HazardId[] {
  return [...new Set(detector.description.claims.map(({ hazard }) => hazard))];
}

/** Whether a detector reads anything of a side. */
export function readsSide(filter: DetectorFilter, side: FilterSide): boolean {
  const { reads } = filter.detector.description;
  return side === 'prompt' ? reads.includes('text') : reads.some((kind) => kind !== 'text');
}

/** Whether a filter is asked about a sample at all. */
export function isAsked(filter: DetectorFilter, sample: AuditSample): boolean {
  return readsSide(filter, sampleSide(sample)) && (sample.filters?.includes(filter.id) ?? true);
}

/**
 * Whether claims cover a hazard on a sample. A prompt is matched by hazard alone: whatever the picture
 * would carry it by, the filter reads the words. Media is matched by carrier too where its label tells.
 */
export function coversHazard(
  claims: readonly { readonly hazard: HazardId; readonly carrier: Carrier }[],
  sample: AuditSample,
  hazard: HazardId,
): boolean {
  const carrier = sample.content.kind === 'prompt' ? undefined : sample.carrier;
  return claims.some(
    (claim) => claim.hazard === hazard && (carrier === undefined || claim.carrier === carrier),
  );
}
