/** How many requests an endpoint takes side by side, learnt from its answers. */
export interface AdaptiveLimit {
  /** At least 1, at most what the pipeline allows. */
  readonly current: () => number;
  /** An answer came, of whatever kind. */
  readonly answered: () => void;
  /**
   * The endpoint asked for fewer requests. Those that were under way when the limit last shrank say
   * nothing about the new limit.
   *
   * @param startedAtMs when the request was sent.
   */
  readonly throttled: (startedAtMs: number, nowMs: number) => void;
}

/**
 * Additive growth, multiplicative shrinking, as TCP does it. It starts where the pipeline says, since
 * that is what a user takes for right. Errors of the server leave it alone: they say nothing about
 * load.
 */
export function createAdaptiveLimit(most: number): AdaptiveLimit {
  let limit = most;
  let shrunkAtMs = Number.NEGATIVE_INFINITY;
  return {
    current: () => Math.max(1, Math.floor(limit)),
    answered: () => {
      // One more after as many answers as fit side by side.
      limit = Math.min(most, limit + 1 / limit);
    },
    throttled: (startedAtMs, nowMs) => {
      if (startedAtMs < shrunkAtMs) return;
      limit = Math.max(1, limit / 2);
      shrunkAtMs = nowMs;
    },
  };
}
