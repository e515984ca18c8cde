import { retryAfterMs } from '../net/retry-timing.ts';
import type { PollStep } from './http-adapter.ts';
import type { WireReply } from './http-transport.ts';

// Polls grow to this many times the first interval.
const POLL_GROWTH_MAX = 10;
const POLL_GROWTH = 1.5;
// Calls in a row that an adapter may ask for without a wait: status, then result.
const IMMEDIATE_CALLS_MAX = 3;

/** How long to wait before each of a job's further calls. */
export function createPace(
  firstMs: number,
): (step: PollStep, reply: WireReply, same: boolean) => number {
  let intervalMs = firstMs;
  let immediate = 0;
  return (step, reply, same) => {
    const asked = step.afterMs ?? retryAfterMs(reply.headers);
    immediate = asked === 0 ? immediate + 1 : 0;
    if (asked !== undefined && (asked > 0 || immediate <= IMMEDIATE_CALLS_MAX)) return asked;
    const waitMs = intervalMs;
    if (same) intervalMs = Math.min(intervalMs * POLL_GROWTH, firstMs * POLL_GROWTH_MAX);
    return waitMs;
  };
}
