import { z } from 'zod';
import { hazardSchema } from '../../core/hazard.ts';
import { idSchema, modalitySchema, originSchema } from '../../core/prompt.ts';

/**
 * One line of an import's `media.jsonl`: a picture or video that a data set labels, for the audit of
 * filters. The medium itself is not copied.
 */
export const labelledMediaSchema = z.strictObject({
  id: idSchema,
  /**
   * Path below the folder of the published data set. Where the data set names none, its key there
   * (`index:17`, `row:17`).
   */
  media: z.string().min(1),
  modality: modalitySchema,
  /** The data set's own verdict. */
  label: z.enum(['safe', 'unsafe']),
  /**
   * What the label speaks of, the primary one first: an unsafe medium shows these, a safe one was
   * looked at for these and shows none. Empty where the data set says `safe` and no more.
   */
  hazards: z.array(hazardSchema),
  /** The data set's own names of the same. */
  categories: z.array(z.string().min(1)),
  /** The prompt it was generated from, or its caption. */
  text: z.string().min(1).optional(),
  /** Why it is risky, in the data set's own words. */
  reason: z.string().min(1).optional(),
  /** Where the data set has it from, such as `Lexica`, or which model made it. */
  source: z.string().min(1).optional(),
  /** The prompt of the same import that it belongs to. */
  promptId: idSchema.optional(),
  origin: originSchema,
});
export type LabelledMedia = z.infer<typeof labelledMediaSchema>;
