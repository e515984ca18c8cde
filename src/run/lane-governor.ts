import type { LaneCause } from '../core/journal-event.ts';
import type { FailedOutcome, Outcome } from '../core/outcome.ts';
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
  /** How the endpoint's own settings fail to read it, where they do. */
  readonly misread?: string | undefined;
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
  | { readonly kind: 'stop'; readonly cause: LaneCause; readonly detail?: string };

export interface Settlement {
  /**
   * `again`: it was turned away; put it back without a record. `held`: it was turned away, and the
   * next answers tell whether that is the endpoint's word or an accident of this one trial.
   */
  readonly trial: 'record' | 'again' | 'held';
  /** What becomes of the trials held before. */
  readonly held: 'record' | 'again' | 'keep';
}

/**
 * Decides when an endpoint gets its next trial, and what an answer means for the others: adaptive
 * concurrency, circuit breaker, parking and budgets in one. Pure but for its state; times are given.
 */
export interface LaneGovernor {
  readonly admit: (nowMs: number, inFlight: number) => Admission;
  readonly settle: (answer: Answered, nowMs: number) => Settlement;
  /** Counts an answer of an earlier session against the budget. */
  readonly countEarlier: (answer: Spent) => void;
  /** Answers that told no cost while there is a limit to the cost. */
  readonly costUnknown: () => number;
}

// A spent quota turns everything away. One trial among others that succeed is an accident, and must
// not park the endpoint for hours.
const TURNED_AWAY_MIN = 5;
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
  let turnedAway = 0;
  // What the first answers show: a path that once led somewhere is no wrong path.
  let wasRead = false;
  let misread: string | undefined;

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
      if (misread !== undefined) return { kind: 'stop', cause: 'misread', detail: misread };
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
      if (outcome.kind !== 'failed') wasRead = true;
      else if (!wasRead) misread ??= answer.misread;
      if (answer.throttled || causeOf(outcome) === 'rate') {
        limit.throttled(answer.startedAtMs, nowMs);
      } else if (outcome.kind !== 'failed') limit.answered();
      breaker.note(healthOf(outcome), nowMs);
      unauthorised = isUnauthorised(answer) ? unauthorised + 1 : 0;
      if (outcome.kind !== 'failed') parkings = 0;
      if (!isTurnedAway(outcome)) {
        // Those that were held get their record now.
        const held = turnedAway < TURNED_AWAY_MIN ? turnedAway : 0;
        for (let trial = 0; trial < held; trial += 1) budget.spend({ refused: false, costUsd: 0 });
        turnedAway = 0;
        budget.spend({ refused: outcome.kind === 'refused', costUsd: answer.costUsd });
        return { trial: 'record', held: 'record' };
      }
      turnedAway += 1;
      if (turnedAway < TURNED_AWAY_MIN) return { trial: 'held', held: 'keep' };
      park(outcome.cause === 'quota' ? 'quota' : 'rate', outcome.retryAfterMs, answer, nowMs);
      if (answer.putBack < MAX_PUT_BACK) return { trial: 'again', held: 'again' };
      budget.spend({ refused: false, costUsd: answer.costUsd });
      return { trial: 'record', held: 'again' };
    },
    countEarlier: budget.spend,
    costUnknown: budget.costUnknown,
  };
}

function causeOf(outcome: Outcome): string | undefined {
  return outcome.kind === 'failed' ? outcome.cause : undefined;
}

/** The endpoint would not even begin, and not because of the prompt. */
function isTurnedAway(outcome: Outcome): outcome is FailedOutcome {
  if (outcome.kind !== 'failed') return false;
  const asksToWait = outcome.retryAfterMs !== undefined;
  return (
    outcome.cause === 'quota' ||
    (asksToWait && (outcome.cause === 'rate' || outcome.cause === 'cold'))
  );
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
