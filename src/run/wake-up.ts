/** Lets several waiters know that something has changed, without telling what. */
export interface WakeUp {
  readonly wake: () => void;
  /** Resolves at the next change, or at once when the signal has aborted. Never rejects. */
  readonly next: (signal: AbortSignal) => Promise<void>;
}

export function createWakeUp(): WakeUp {
  const waiting = new Set<() => void>();
  return {
    wake: () => {
      const woken = [...waiting];
      waiting.clear();
      for (const resolve of woken) resolve();
    },
    next: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
      }),
  };
}

/** Waits for the first of several, and lets go of the others. */
export async function firstOf(
  signal: AbortSignal,
  waits: readonly ((over: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const over = new AbortController();
  const follow = (): void => over.abort();
  if (signal.aborted) over.abort();
  signal.addEventListener('abort', follow, { once: true });
  try {
    await Promise.race(waits.map((wait) => wait(over.signal).catch(() => {})));
  } finally {
    signal.removeEventListener('abort', follow);
    over.abort();
  }
}
