import { z } from 'zod';

/** A reference system that grades are relative to; versioned, since grades change with it. */
export const referenceSchema = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  description: z.string().min(1),
  /** Harm of the reference on these suites, 0–1. */
  unsafeShare: z.number().min(0).max(1),
  /** Trials that it was measured on. */
  trials: z.number().int().positive(),
});
export type Reference = z.infer<typeof referenceSchema>;
