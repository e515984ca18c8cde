import { join } from 'node:path';
import { RequestError } from './answer.ts';
import { openTrialIndex, type TrialIndex } from './trial-index.ts';
import type { KnownRun, OpenedRun } from './viewer.ts';

/** Runs are opened when first asked for, each once. */
export interface OpenRuns {
  readonly keys: readonly string[];
  get(key: string): Promise<IndexedRun>;
  close(): Promise<void>;
}

export interface IndexedRun {
  readonly run: OpenedRun;
  readonly index: TrialIndex;
}

/** Told how far the building of an index has come. */
export interface IndexProgress {
  start(total: number): void;
  advance(): void;
  stop(): void;
}

export function createOpenRuns(known: readonly KnownRun[], progress: IndexProgress): OpenRuns {
  const opened = new Map<string, Promise<IndexedRun>>();

  async function open(one: KnownRun): Promise<IndexedRun> {
    const run = await one.open();
    let started = false;
    try {
      const index = await openTrialIndex(run, join(run.folder, '.viewer', 'index.duckdb'), () => {
        if (!started) progress.start(run.trialCount);
        started = true;
        progress.advance();
      });
      return { run, index };
    } catch (error) {
      await run.close();
      throw error;
    } finally {
      if (started) progress.stop();
    }
  }

  return {
    keys: known.map(({ key }) => key),
    get(key) {
      const one = known.find((run) => run.key === key);
      if (one === undefined) throw new RequestError(404, 'no_run', 'there is no such run here');
      let promise = opened.get(key);
      if (promise === undefined) {
        promise = open(one);
        opened.set(key, promise);
        // What failed once, such as for a full disk, may be tried again.
        promise.catch(() => opened.delete(key));
      }
      return promise;
    },
    async close() {
      for (const promise of opened.values()) {
        const one = await promise.catch(() => undefined);
        one?.index.close();
        await one?.run.close();
      }
    },
  };
}
