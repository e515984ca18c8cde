import { z } from 'zod';

/** What an endpoint may cost, as a pipeline file writes it. */
export const laneLimitsSchema = z.strictObject({
  maxTrials: z.int().min(1).optional().describe('Trials that get an answer, failures included.'),
  maxUsd: z
    .number()
    .positive()
    .optional()
    .describe('US dollars, by what the answers tell. Requests under way are counted in.'),
  maxRefusals: z
    .int()
    .min(1)
    .optional()
    .describe('For providers that suspend accounts. Never passed: requests under way count.'),
});
export type LaneLimits = z.output<typeof laneLimitsSchema>;

/** An answer as a budget sees it. */
export interface Spent {
  readonly refused: boolean;
  readonly costUsd: number | null;
}

export type BudgetState =
  | { readonly kind: 'go' }
  /** The requests under way could use up what is left: their answers decide. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'spent'; readonly cause: 'max_trials' | 'max_usd' | 'max_refusals' };

/** Counts what an endpoint was asked and what it cost, over all sessions of a run. */
export interface Budget {
  readonly state: (inFlight: number) => BudgetState;
  readonly spend: (answer: Spent) => void;
  /** Answers that told no cost while there is a limit to the cost. */
  readonly costUnknown: () => number;
}

export function createBudget(limits: LaneLimits): Budget {
  const {
    maxTrials = Number.POSITIVE_INFINITY,
    maxUsd = Number.POSITIVE_INFINITY,
    maxRefusals = Number.POSITIVE_INFINITY,
  } = limits;
  let trials = 0;
  let refusals = 0;
  let usd = 0;
  let dearestUsd = 0;
  let costUnknown = 0;
  return {
    state: (inFlight) => {
      if (trials >= maxTrials) return { kind: 'spent', cause: 'max_trials' };
      if (usd >= maxUsd) return { kind: 'spent', cause: 'max_usd' };
      if (refusals >= maxRefusals) return { kind: 'spent', cause: 'max_refusals' };
      const fits =
        trials + inFlight < maxTrials &&
        refusals + inFlight < maxRefusals &&
        usd + inFlight * dearestUsd < maxUsd;
      return { kind: fits ? 'go' : 'hold' };
    },
    spend: ({ refused, costUsd }) => {
      trials += 1;
      if (refused) refusals += 1;
      if (costUsd === null) {
        costUnknown += 1;
        return;
      }
      usd += costUsd;
      dearestUsd = Math.max(dearestUsd, costUsd);
    },
    costUnknown: () => (Number.isFinite(maxUsd) ? costUnknown : 0),
  };
}
