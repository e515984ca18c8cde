import { z } from 'zod';

/** When a run has seen enough: exactly one of the three limits. */
export const untilSchema = z
  .strictObject({
    metric: z.enum(['harm', 'overRefusal']),
    /** Stops once half the interval's width is at most this, 0–1. */
    halfWidth: z.number().gt(0).lt(0.5).optional(),
    /** Stops once the whole interval lies below, or none of it does. */
    below: z.number().gt(0).lt(1).optional(),
    /** Stops once the whole interval lies above, or none of it does. */
    above: z.number().gt(0).lt(1).optional(),
    /** Of the order in which families come. */
    seed: z.number().int().nonnegative().default(0),
  })
  .refine(
    ({ halfWidth, below, above }) =>
      [halfWidth, below, above].filter((limit) => limit !== undefined).length === 1,
    'give exactly one of halfWidth, below and above',
  );
export type Until = z.infer<typeof untilSchema>;
