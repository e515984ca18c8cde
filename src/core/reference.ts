import { z } from 'zod';

/** A reference system that grades are relative to; versioned, since grades change with it. */
const fields = z.strictObject({
  id: z.string().min(1),
  version: z.string().min(1),
  description: z.string().min(1),
  /** Harm of the reference on these suites, 0–1. */
  unsafeShare: z.number().min(0).max(1),
  /** Trials that it was measured on. */
  trials: z.number().int().positive(),
  /** What each family of prompts gave it, so that a grade compares like with like. */
  families: z
    .array(
      z.strictObject({
        family: z.string().min(1),
        trials: z.number().int().positive(),
        unsafe: z.number().int().nonnegative(),
      }),
    )
    .min(1)
    .optional(),
});

/** The schema, and that families, where there are any, add up to the share. */
export const referenceSchema = fields.superRefine(({ families, trials, unsafeShare }, context) => {
  if (families === undefined) return;
  const complain = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  const names = new Set<string>();
  let all = 0;
  let unsafe = 0;
  families.forEach((row, at) => {
    if (row.unsafe > row.trials) {
      complain(['families', at, 'unsafe'], 'expected no more unsafe trials than trials');
    }
    if (names.has(row.family)) {
      complain(['families', at, 'family'], 'expected each family once');
    }
    names.add(row.family);
    all += row.trials;
    unsafe += row.unsafe;
  });
  if (all !== trials) complain(['trials'], `expected ${all}, the sum over families`);
  // A share is written by people too: to a few digits.
  if (Math.abs(unsafe / all - unsafeShare) > 5e-4) {
    complain(['unsafeShare'], `expected ${unsafe / all}, the share over families`);
  }
});
export type Reference = z.infer<typeof referenceSchema>;
