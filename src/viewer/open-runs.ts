import { join } from 'node:path';
import type { LabelSet } from '../store/labels.ts';
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

/** Keeps the verdicts in the index in step with what people say while it is open. */
async function followLabels(run: OpenedRun, index: TrialIndex): Promise<FollowedRun> {
  let known: LabelSet | undefined;
  async function follow(): Promise<void> {
    const labels = await run.labels();
    if (labels === known) return;
    const verdicts = new Map<string, string>();
    for (const trialId of new Set(labels.all.map((label) => label.trialId))) {
      const record = await run.record(trialId);
      if (record !== undefined) verdicts.set(trialId, run.verdict(record, labels).class);
    }
    await index.setVerdicts(verdicts);
    known = labels;
  }
  let last: Promise<void> = Promise.resolve();
  return {
    run,
    index,
    // One after the other: two requests must not fill the same table at once.
    follow() {
      last = last.catch(() => undefined).then(follow);
      return last;
    },
  };
}

interface FollowedRun extends IndexedRun {
  follow(): Promise<void>;
}

export function createOpenRuns(known: readonly KnownRun[], progress: IndexProgress): OpenRuns {
  const opened = new Map<string, Promise<FollowedRun>>();

  async function open(one: KnownRun): Promise<FollowedRun> {
    const run = await one.open();
    let started = false;
    try {
      const index = await openTrialIndex(run, join(run.folder, '.viewer', 'index.duckdb'), () => {
        if (!started) progress.start(run.trialCount);
        started = true;
        progress.advance();
      });
      return await followLabels(run, index);
    } catch (error) {
      await run.close();
      throw error;
    } finally {
      if (started) progress.stop();
    }
  }

  return {
    keys: known.map(({ key }) => key),
    async get(key) {
      const one = known.find((run) => run.key === key);
      if (one === undefined) throw new RequestError(404, 'no_run', 'there is no such run here');
      let promise = opened.get(key);
      if (promise === undefined) {
        promise = open(one);
        opened.set(key, promise);
        // What failed once, such as for a full disk, may be tried again.
        promise.catch(() => opened.delete(key));
      }
      const run = await promise;
      await run.follow();
      return run;
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
