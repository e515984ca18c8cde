import { setMaxListeners } from 'node:events';
/** Aborted with this when the time is over, as opposed to the caller's own abort. */
export class DeadlineExceeded extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
    this.name = 'DeadlineExceeded';
    this.timeoutMs = timeoutMs;
  }
}

/** A signal that aborts by itself after a time, or with the caller's signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Rejects when the signal aborts, with the signal's reason. Never resolves. */
  readonly expired: Promise<never>;
  /** Stops the clock and lets go of the caller's signal. Idempotent; call it in `finally`. */
  readonly dispose: () => void;
}

/**
 * Starts a deadline of `timeoutMs` that also follows `parent`. `AbortSignal.any` would do, but it
 * keeps one entry per call on a parent that lives as long as a run.
 */
export function createDeadline(timeoutMs: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  let reject: (reason: unknown) => void = () => {};
  const expired = new Promise<never>((_resolve, rejectExpired) => {
    reject = rejectExpired;
  });
  // Nobody has to wait for it.
  expired.catch(() => {});

  const abort = (reason: unknown): void => {
    dispose();
    controller.abort(reason);
    reject(reason);
  };
  const followParent = (): void => abort(parent?.reason);
  const timer = setTimeout(() => abort(new DeadlineExceeded(timeoutMs)), timeoutMs);
  const dispose = (): void => {
    clearTimeout(timer);
    parent?.removeEventListener('abort', followParent);
  };
  if (parent?.aborted === true) followParent();
  else parent?.addEventListener('abort', followParent, { once: true });
  return { signal: controller.signal, expired, dispose };
}

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export async function delay(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** A signal that aborts with the first of several. Dispose of it: some of them outlive it. */
export function joinSignals(parents: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly dispose: () => void;
} {
  const controller = new AbortController();
  // Every request under way listens to the same few: more than ten are no leak.
  setMaxListeners(0, ...parents);
  const follow = parents.map((parent) => () => {
    dispose();
    controller.abort(parent.reason);
  });
  const dispose = (): void => {
    parents.forEach((parent, index) => {
      const listener = follow[index];
      if (listener !== undefined) parent.removeEventListener('abort', listener);
    });
  };
  parents.forEach((parent, index) => {
    const listener = follow[index];
    if (listener === undefined) return;
    if (parent.aborted) listener();
    else parent.addEventListener('abort', listener, { once: true });
  });
  return { signal: controller.signal, dispose };
}
