import { type HeaderMap, retryAfterMs } from './retry-timing.ts';

/** How often and how patiently a request is repeated. */
export interface RetryPolicy {
  /** All attempts, the first included. */
  readonly maxAttempts: number;
  /** Wait before the first repeat where the server names none; doubled each time. */
  readonly baseDelayMs: number;
  /** A longer wait, asked for or computed, ends the attempts: the caller decides when to return. */
  readonly maxDelayMs: number;
}

// One second is what Gradio's own clients start from; half a minute is the longest wait that does
// not look like a hang to a person in front of a progress bar.
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 3,
  baseDelayMs: 1_000,
  maxDelayMs: 30_000,
};

/** Statuses after which the same request may be sent again: it was not carried out. */
export const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 409, 429, 502, 503, 504]);

/** Network errors that happen before a request is sent. */
export const RETRYABLE_NETWORK_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What is known of an attempt that failed. */
export interface FailedAttempt {
  readonly status: number | undefined;
  readonly headers: HeaderMap;
  /** Set where the request never left. */
  readonly networkCode: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
}

/**
 * Decides whether to try again.
 *
 * @param random 0–1, spreads the repeats of requests that failed together, see {@link spreadWait}.
 *   Without it nothing is spread.
 * @returns the wait and its cause, or undefined where another attempt is pointless
 */
export function decideRetry(
  failed: FailedAttempt,
  policy: RetryPolicy,
  random?: () => number,
): { readonly cause: string; readonly waitMs: number } | undefined {
  if (failed.attempt >= policy.maxAttempts) return undefined;
  const cause = retryCause(failed);
  if (cause === undefined) return undefined;
  const askedMs = retryAfterMs(failed.headers);
  const waitMs = askedMs ?? policy.baseDelayMs * 2 ** (failed.attempt - 1);
  if (waitMs > policy.maxDelayMs) return undefined;
  return { cause, waitMs: random === undefined ? waitMs : spreadWait(askedMs, waitMs, random) };
}

/**
 * Spreads a wait: one that the server asked for over another tenth, one of our own over its upper half.
 *
 * @param random 0–1
 */
export function spreadWait(
  askedMs: number | undefined,
  ownMs: number,
  random: () => number,
): number {
  return Math.round(
    askedMs === undefined ? ownMs * (0.5 + random() / 2) : askedMs * (1 + random() / 10),
  );
}

function retryCause({ status, headers, networkCode }: FailedAttempt): string | undefined {
  if (status !== undefined) {
    const asked = headers['x-should-retry'];
    if (asked === 'false') return undefined;
    return asked === 'true' || RETRYABLE_STATUSES.has(status) ? `http_${status}` : undefined;
  }
  return networkCode !== undefined && RETRYABLE_NETWORK_CODES.has(networkCode)
    ? networkCode
    : undefined;
}
