/** A clock that stands still while anything is at work, and jumps to the next sleeper's hour. */
export interface VirtualTime {
  readonly now: () => Date;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export function createVirtualTime(startMs = Date.UTC(2026, 10, 1)): VirtualTime {
  let nowMs = startMs;
  let sleepers: Sleeper[] = [];
  let scheduled = false;

  function schedule(): void {
    if (scheduled || sleepers.length === 0) return;
    scheduled = true;
    // After everything that is ready to run has run.
    setImmediate(() => {
      scheduled = false;
      const next = sleepers.toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) return;
      nowMs = Math.max(nowMs, next.atMs);
      sleepers = sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
      schedule();
    });
  }

  return {
    now: () => new Date(nowMs),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper: Sleeper = { atMs: nowMs + ms, wake: resolve };
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        });
        sleepers.push(sleeper);
        schedule();
      }),
  };
}
