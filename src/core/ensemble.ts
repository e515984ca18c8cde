import { z } from 'zod';
import { hazardSchema } from './hazard.ts';

const probability = z.number().min(0).max(1);

/** How the answers of several detectors on one pair of hazard and carrier become one. */
export const ensembleRuleSchema = z.discriminatedUnion('rule', [
  /** Harmful where any of them says so. */
  z.strictObject({ rule: z.literal('any') }),
  /** Harmful where more than half of those that answered say so. */
  z.strictObject({
    rule: z.literal('majority'),
    /** With fewer answers there is no decision. */
    minVotes: z.int().min(1).default(2),
  }),
  /** Harmful where those that say so hold at least half of the weight of those that answered. */
  z.strictObject({
    rule: z.literal('weighted'),
    /** By detector id, learned offline and frozen; one without a weight is not heard. */
    weights: z
      .record(z.string(), z.number().nonnegative())
      .refine((weights) => Object.values(weights).some((weight) => weight > 0), {
        message: 'at least one weight must be above 0',
      }),
    /** Share of all the weight that must have answered, else there is no decision. */
    minWeight: probability.default(0.5),
    /** Where the weights come from: hash of the labels, say. */
    source: z.string().min(1).optional(),
  }),
]);
export type EnsembleRule = z.output<typeof ensembleRuleSchema>;

/** Rules by hazard; where none is named any detector's word is enough. */
export const ensembleSchema = z.strictObject({
  default: ensembleRuleSchema.default({ rule: 'any' }),
  hazards: z.partialRecord(hazardSchema, ensembleRuleSchema).default({}),
});
export type Ensemble = z.output<typeof ensembleSchema>;
