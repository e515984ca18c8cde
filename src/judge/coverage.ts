import type { HazardCarrier } from '../core/hazard.ts';
import type { DetectorDescription } from '../core/journal-event.ts';
import type { Modality } from '../core/prompt.ts';
import { claimsPair } from './medium-findings.ts';

/** Detectors that look at media of one of these kinds and claim some hazard there. */
export function harmDetectors(
  detectors: readonly DetectorDescription[],
  kinds: ReadonlySet<Modality>,
): DetectorDescription[] {
  return detectors.filter(
    ({ claims, reads }) =>
      claims.length > 0 && reads.some((subject) => subject !== 'text' && kinds.has(subject)),
  );
}

/**
 * Whether some detector of the run claims a pair for media of one of these kinds. One that reads
 * texts alone covers nothing that is seen.
 */
export function covers(
  detectors: readonly DetectorDescription[],
  pair: HazardCarrier,
  kinds: ReadonlySet<Modality>,
): boolean {
  return harmDetectors(detectors, kinds).some(({ claims }) => claimsPair(claims, pair));
}
