import { assertNever } from '../core/assert-never.ts';

export interface CircuitBreakerOptions {
  /** Outages in a row that open it. */
  readonly threshold: number;
  /** Before one trial is let through to see; doubled each time that it fails. */
  readonly cooldownMs: number;
  /** Openings in a row after which nothing is let through any more. */
  readonly maxOpenings: number;
}

// Twenty in a row are no chance where a third of all requests fail (one in three billion). The waits
// add up to almost four minutes: a restart of the server, not an afternoon.
export const DEFAULT_CIRCUIT_BREAKER: CircuitBreakerOptions = {
  threshold: 20,
  cooldownMs: 15_000,
  maxOpenings: 4,
};

/**
 * What a trial says about the endpoint as a whole. `outage`: it could not be reached. `neutral`:
 * an error that may have to do with the one prompt, behind which a filter may hide.
 */
export type Health = 'alive' | 'outage' | 'neutral';

export type BreakerState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number }
  /** One trial may go. */
  | { readonly kind: 'half_open' }
  | { readonly kind: 'broken' };

/** Spares an endpoint that is down the trials that would only be counted as failed. */
export interface CircuitBreaker {
  readonly state: (nowMs: number) => BreakerState;
  readonly note: (health: Health, nowMs: number) => void;
}

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  let inARow = 0;
  let openings = 0;
  let untilMs: number | undefined;
  return {
    state: (nowMs) => {
      if (openings > options.maxOpenings) return { kind: 'broken' };
      if (untilMs === undefined) return { kind: 'closed' };
      return nowMs < untilMs ? { kind: 'open', untilMs } : { kind: 'half_open' };
    },
    note: (health, nowMs) => {
      switch (health) {
        case 'neutral':
          return;
        case 'alive':
          inARow = 0;
          openings = 0;
          untilMs = undefined;
          return;
        case 'outage': {
          // Trials that were under way when it opened tell nothing new.
          if (untilMs !== undefined && nowMs < untilMs) return;
          inARow += 1;
          if (untilMs === undefined && inARow < options.threshold) return;
          openings += 1;
          untilMs = nowMs + options.cooldownMs * 2 ** (openings - 1);
          return;
        }
        default:
          assertNever(health);
      }
    },
  };
}
