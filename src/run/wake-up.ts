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
