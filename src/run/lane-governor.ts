import type { LaneCause } from '../core/journal-event.ts';
import type { Outcome } from '../core/outcome.ts';
import { createAdaptiveLimit } from './adaptive-limit.ts';
import {
  type CircuitBreakerOptions,
  createCircuitBreaker,
  DEFAULT_CIRCUIT_BREAKER,
  type Health,
} from './circuit-breaker.ts';
import { createBudget, type LaneLimits, type Spent } from './lane-limits.ts';

/** An answer as the governor of its lane sees it. */
export interface Answered {
  readonly outcome: Outcome;
  readonly costUsd: number | null;
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  /** Whether the driver was turned away with 429 on the way. */
  readonly throttled: boolean;
  readonly startedAtMs: number;
  /** How often this trial was put back before. */
  readonly putBack: number;
}

export type Admission =
  | { readonly kind: 'go' }
  /** Until an answer comes in. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly cause: LaneCause }
  /** Nothing more is sent in this session. */
  | { readonly kind: 'stop'; readonly cause: LaneCause };

/**
 * Decides when an endpoint gets its next trial, and what an answer means for the others: adaptive
 * concurrency, circuit breaker, parking and budgets in one. Pure but for its state; times are given.
 */
export interface LaneGovernor {
  readonly admit: (nowMs: number, inFlight: number) => Admission;
  /**
   * Takes an answer in.
   *
   * @returns `again` where the trial was turned away and should be put back, without a record.
   */
  readonly settle: (answer: Answered, nowMs: number) => 'record' | 'again';
  /** Counts an answer of an earlier session against the budget. */
  readonly countEarlier: (answer: Spent) => void;
  /** Answers that told no cost while there is a limit to the cost. */
  readonly costUnknown: () => number;
}

// A trial that is turned away each time gets its record as failed in the end.
const MAX_PUT_BACK = 3;
// Where a quota's message names no time: a busy cluster is free again in a minute, a spent credit
// never. Doubled each time; the fifth in a row ends the lane.
const UNTIMED_PARK_MS = 60_000;
const MAX_PARKINGS = 4;
// In a row. A 403 is not among them: filters hide behind it.
const MAX_UNAUTHORISED = 5;

export function createLaneGovernor(
  most: number,
  limits: LaneLimits,
  breakerOptions: CircuitBreakerOptions = DEFAULT_CIRCUIT_BREAKER,
): LaneGovernor {
  const limit = createAdaptiveLimit(most);
  const breaker = createCircuitBreaker(breakerOptions);
  const budget = createBudget(limits);
  let parked: { readonly sinceMs: number; untilMs: number; readonly cause: LaneCause } | undefined;
  let parkings = 0;
  let unauthorised = 0;

  const park = (
    cause: 'quota' | 'rate',
    waitMs: number | undefined,
    answer: Answered,
    nowMs: number,
  ): void => {
    // Those that were under way when it was parked learn the same.
    if (parked !== undefined && answer.startedAtMs <= parked.sinceMs) {
      if (waitMs !== undefined) parked.untilMs = Math.max(parked.untilMs, nowMs + waitMs);
      return;
    }
    parkings += 1;
    parked = {
      sinceMs: nowMs,
      untilMs: nowMs + (waitMs ?? UNTIMED_PARK_MS * 2 ** (parkings - 1)),
      cause,
    };
  };

  return {
    admit: (nowMs, inFlight) => {
      const spent = budget.state(inFlight);
      if (spent.kind === 'spent') return { kind: 'stop', cause: spent.cause };
      if (unauthorised >= MAX_UNAUTHORISED) return { kind: 'stop', cause: 'auth' };
      if (parked !== undefined && parkings > MAX_PARKINGS) {
        return { kind: 'stop', cause: parked.cause };
      }
      if (parked !== undefined && nowMs < parked.untilMs) {
        return { kind: 'wait', untilMs: parked.untilMs, cause: parked.cause };
      }
      const state = breaker.state(nowMs);
      if (state.kind === 'broken') return { kind: 'stop', cause: 'outage' };
      if (state.kind === 'open') {
        return { kind: 'wait', untilMs: state.untilMs, cause: 'outage' };
      }
      const most = state.kind === 'half_open' ? 1 : limit.current();
      return { kind: inFlight < most && spent.kind === 'go' ? 'go' : 'hold' };
    },
    settle: (answer, nowMs) => {
      const { outcome } = answer;
      if (answer.throttled || causeOf(outcome) === 'rate') {
        limit.throttled(answer.startedAtMs, nowMs);
      } else if (outcome.kind !== 'failed') limit.answered();
      breaker.note(healthOf(outcome), nowMs);
      unauthorised = isUnauthorised(answer) ? unauthorised + 1 : 0;
      if (outcome.kind !== 'failed') {
        parkings = 0;
      } else if (
        outcome.cause === 'quota' ||
        (isLoad(outcome) && outcome.retryAfterMs !== undefined)
      ) {
        park(outcome.cause === 'quota' ? 'quota' : 'rate', outcome.retryAfterMs, answer, nowMs);
        if (answer.putBack < MAX_PUT_BACK) return 'again';
      }
      budget.spend({ refused: outcome.kind === 'refused', costUsd: answer.costUsd });
      return 'record';
    },
    countEarlier: budget.spend,
    costUnknown: budget.costUnknown,
  };
}

function causeOf(outcome: Outcome): string | undefined {
  return outcome.kind === 'failed' ? outcome.cause : undefined;
}

function isLoad(outcome: Outcome): boolean {
  const cause = causeOf(outcome);
  return cause === 'rate' || cause === 'cold';
}

function healthOf(outcome: Outcome): Health {
  if (outcome.kind !== 'failed') return 'alive';
  switch (outcome.cause) {
    case 'network':
    case 'timeout':
    case 'cold':
      return 'outage';
    default:
      return 'neutral';
  }
}

function isUnauthorised({ outcome, status }: Answered): boolean {
  return causeOf(outcome) === 'auth' && status !== 403;
}
