import { availableParallelism } from 'node:os';

/**
 * How many threads may run models at one moment, over all pools of a process: several detectors in
 * one run share the processors instead of fighting for them. First come, first served.
 */
export interface ThreadBudget {
  readonly threads: number;
  /** Whether somebody waits: who holds threads then gives them back after the batch at hand. */
  readonly isContended: boolean;
  /**
   * Calls `granted` when `count` threads are free, at once where they are. More than the whole
   * budget is cut to it.
   *
   * @returns gives the threads back, or ends the waiting. Idempotent.
   */
  take(count: number, granted: () => void): () => void;
}

export function createThreadBudget(threads: number): ThreadBudget {
  const waiting: { readonly count: number; readonly grant: () => void }[] = [];
  let free = threads;

  function serve(): void {
    for (let next = waiting[0]; next !== undefined && next.count <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.count;
      next.grant();
    }
  }

  return {
    threads,
    get isContended() {
      return waiting.length > 0;
    },
    take(wanted, granted) {
      const count = Math.min(wanted, threads);
      let state: 'waiting' | 'held' | 'over' = 'waiting';
      const entry = {
        count,
        grant: () => {
          state = 'held';
          granted();
        },
      };
      waiting.push(entry);
      serve();
      return () => {
        if (state === 'held') free += count;
        else if (state === 'waiting') waiting.splice(waiting.indexOf(entry), 1);
        state = 'over';
        serve();
      };
    },
  };
}

/** Of this process: as many threads as there are processors that it may use. */
export const PROCESS_THREADS = createThreadBudget(availableParallelism());
