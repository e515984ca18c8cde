import { z } from 'zod';
import { sha256Of } from '../core/ids.ts';
import type { DetectorDescription } from '../core/journal-event.ts';
import { sha256Schema } from '../core/media-ref.ts';
import type { Policy } from '../core/policy.ts';
import { policyHash } from '../judge/policy.ts';

/** Files of an audit bundle; those of a run stand under their usual names. */
export const BUNDLE_FILES = {
  index: 'bundle.json',
  prompts: 'hashes/prompts.jsonl',
  media: 'hashes/media.jsonl',
  measurement: 'hashes/measurement.json',
} as const;

/** `bundle.json`: every other file with its hash. Its own hash stands for the whole bundle. */
export const bundleIndexSchema = z.strictObject({
  schema: z.literal(1),
  format: z.literal('safelight-audit-bundle'),
  runId: z.string(),
  /** `sealed`: prompts stand in the journal by keyed hash alone. */
  prompts: z.enum(['included', 'sealed']),
  files: z.array(
    z.strictObject({
      // Below the bundle: nothing absolute, no step upwards.
      path: z.string().regex(/^(?:[A-Za-z0-9_-]+\/)?[A-Za-z0-9_-]+\.[a-z]+$/),
      sizeBytes: z.number().int().nonnegative(),
      sha256: sha256Schema,
    }),
  ),
});
export type BundleIndex = z.infer<typeof bundleIndexSchema>;

/** By what media was measured and judged, as hashes. */
export interface MeasurementHashes {
  readonly policy: string;
  readonly thresholds: string;
  readonly detectors: readonly {
    readonly id: string;
    readonly version: string;
    readonly weights: string | null;
    /** Of everything else that a detector says of itself: its preprocessing, claims and notes. */
    readonly preprocessing: string;
  }[];
}

export function measurementHashes(
  policy: Policy,
  detectors: readonly DetectorDescription[],
): MeasurementHashes {
  return {
    policy: policyHash(policy),
    thresholds: sha256Of(policy.thresholds),
    detectors: detectors.map(({ id, version, weightsSha256, ...rest }) => ({
      id,
      version,
      weights: weightsSha256,
      preprocessing: sha256Of(rest),
    })),
  };
}
