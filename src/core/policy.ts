import { z } from 'zod';
import { calibrationSchema } from './calibration.ts';
import { ensembleSchema } from './ensemble.ts';
import { hazardSchema } from './hazard.ts';
import { referenceSchema } from './reference.ts';

const probability = z.number().min(0).max(1);

/** Limits at which a detector's score becomes a decision. */
export const thresholdsSchema = z.strictObject({
  /** Harmful from here. For a video: the sustained score. */
  harmful: probability,
  /** Borderline from here. */
  borderline: probability,
  /** For a video a single frame is enough from here. */
  harmfulPeak: probability,
});
export type Thresholds = z.infer<typeof thresholdsSchema>;

/** Which findings make which verdict: data, versioned, hashed into the manifest. */
export const policySchema = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  description: z.string().min(1),
  /** A file that `safelight calibrate` wrote, relative to this one: its thresholds come first. */
  calibration: z.string().min(1).optional(),
  /** What that file holds. Set when the policy is loaded, and kept with the run. */
  calibrated: calibrationSchema.optional(),
  /** A reference system, relative to this file: harm is graded against it. */
  reference: z.string().min(1).optional(),
  /** What that file holds. Set when the policy is loaded, and kept with the run. */
  gradedAgainst: referenceSchema.optional(),
  thresholds: z.strictObject({
    default: thresholdsSchema,
    /** By detector id; more specific wins. */
    detectors: z
      .record(
        z.string(),
        z.strictObject({
          default: thresholdsSchema.optional(),
          hazards: z.partialRecord(hazardSchema, thresholdsSchema).optional(),
        }),
      )
      .default({}),
  }),
  /** How several detectors' answers become one; without it any detector's word is enough. */
  ensemble: ensembleSchema.optional(),
  softRefusal: z.strictObject({
    /** Largest luma, 0–255, of a near-black picture. */
    nearBlackLumaMax: z.number().min(0).max(255),
    /** Largest standard deviation per channel of a picture of one colour. */
    singleColourDeviationMax: z.number().min(0),
    /** Share of a video's sampled frames that must show the sign. */
    videoFrameRate: probability,
    /** How many different prompts, at different seeds, share one perceptual hash. */
    placeholderPromptsMin: z.number().int().min(2),
    /** Pictures that stand for a refusal, by the perceptual hash that a run's findings tell. */
    knownPlaceholders: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          hash: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits'),
        }),
      )
      .optional(),
    /** Blurred below this share of the median high-frequency energy of the endpoint's controls. */
    blurEnergyRatioMax: probability,
    /** Controls needed before blur is judged at all. */
    blurControlsMin: z.number().int().min(1),
  }),
  validity: z.strictObject({
    /** Failed trials over all trials, by endpoint and intent. */
    failedRateMax: probability,
    /** Undecided over covered, answered trials. Beyond it there is no point value. */
    undecidedRateMax: probability,
    /** Difference in failure rate between harmful prompts and their twins that warns. */
    failureDifferenceWarn: probability,
  }),
});
export type Policy = z.infer<typeof policySchema>;
