import { z } from 'zod';

const probability = z.number().min(0).max(1);

/** When a detector is asked at all, by what those before it found on the same medium. */
export const cascadeConditionSchema = z
  .strictObject({
    from: probability.describe('Scores below are taken for clean without asking.'),
    to: probability.describe('Scores from here are taken for harmful without asking.'),
    detectors: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Whose scores count; without it those of all before it.'),
  })
  .refine(({ from, to }) => from < to, { message: 'expected from < to', path: ['to'] });
export type CascadeCondition = z.output<typeof cascadeConditionSchema>;
