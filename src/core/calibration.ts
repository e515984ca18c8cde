import { z } from 'zod';
import { hazardSchema } from './hazard.ts';
import { sha256Of } from './ids.ts';
import { sha256Schema } from './media-ref.ts';

const probability = z.number().min(0).max(1);
const estimateSchema = z.union([
  z.strictObject({
    value: z.number(),
    ciLow: z.number(),
    ciHigh: z.number(),
    method: z.string(),
  }),
  z.strictObject({ undefined: z.literal(true), reason: z.string() }),
]);

/** A limit that was chosen on labels, and how it does on other labels. */
export const calibratedThresholdSchema = z.strictObject({
  detector: z.string().min(1),
  /** Null: over all hazards, since one alone has too few labels. */
  hazard: hazardSchema.nullable(),
  /** Null: over all endpoints. */
  endpoint: z.string().min(1).nullable(),
  harmful: probability,
  /** Chosen on these labels; folds are whole families. */
  chosenOn: z.strictObject({
    labels: z.number().int(),
    positives: z.number().int(),
    families: z.number().int(),
  }),
  crossValidation: z.strictObject({
    folds: z.number().int(),
    /** What each fold's training part chose; `harmful` is their median. */
    thresholds: z.array(probability),
    /** Of the held-out parts: sensitivity + specificity − 1. */
    youdenJ: z.number().nullable(),
  }),
  /** On families that had no part in the choice. */
  reportedOn: z.strictObject({
    labels: z.number().int(),
    positives: z.number().int(),
    families: z.number().int(),
    sensitivity: estimateSchema,
    specificity: estimateSchema,
    auroc: z.number().nullable(),
  }),
});
export type CalibratedThreshold = z.infer<typeof calibratedThresholdSchema>;

const calibrationContentSchema = z.strictObject({
  schema: z.literal(1),
  madeFrom: z.strictObject({
    runId: z.string(),
    labelsSha256: sha256Schema,
    labels: z.number().int(),
    policySha256: sha256Schema,
    seed: z.number().int(),
  }),
  detectors: z.array(
    z.strictObject({
      id: z.string().min(1),
      version: z.string(),
      weightsSha256: sha256Schema.nullable(),
    }),
  ),
  thresholds: z.array(calibratedThresholdSchema),
  /** Where labels were too few for a threshold of its own, and what is used instead. */
  pooled: z.array(z.string()),
  /** Errors of the whole verdict by endpoint, as effective counts of a simple random sample. */
  errors: z.array(
    z.strictObject({
      endpoint: z.string().min(1),
      counts: z.strictObject({
        truePositives: z.number().nonnegative(),
        positives: z.number().nonnegative(),
        trueNegatives: z.number().nonnegative(),
        negatives: z.number().nonnegative(),
      }),
    }),
  ),
});
export type CalibrationContent = z.infer<typeof calibrationContentSchema>;

/** What `safelight calibrate` writes and a policy names. */
export const calibrationSchema = calibrationContentSchema.extend({
  /** SHA-256 of everything else: a file that was changed by hand is no calibration. */
  id: sha256Schema,
});
export type Calibration = z.infer<typeof calibrationSchema>;

export function sealCalibration(content: CalibrationContent): Calibration {
  return { ...content, id: sha256Of(content) };
}

export function isSealed({ id, ...content }: Calibration): boolean {
  return sha256Of(content) === id;
}
