import { distFile } from './dist-file.ts';
import { type InferenceThread, startInferenceThread } from './inference-thread.ts';
import {
  checkTensors,
  joinTensors,
  type ModelNames,
  type ModelTensors,
  rowsOf,
  shapeKey,
  splitTensors,
} from './tensors.ts';
import { PROCESS_THREADS, type ThreadBudget } from './thread-budget.ts';

export interface OnnxPoolOptions {
  /** The ONNX file. Its inputs and outputs are of type float32 or int64, of any number and shape. */
  readonly model: Uint8Array;
  /** Worker threads, each with a session of its own. Default 4; no more than the budget allows. */
  readonly workers?: number;
  /** Threads inside each session. Default 1. */
  readonly threadsPerWorker?: number;
  /**
   * Samples in one call of the model, joined along the first dimension where all others agree. The
   * default 1 gives a sample the same result whatever else is running; more is only for a model
   * whose results were shown not to depend on it.
   */
  readonly maxBatch?: number;
  /** Shared by the pools of a process. Default: that of this process. */
  readonly budget?: ThreadBudget;
  /** Whether a session's threads spin while they wait for work. Default false. */
  readonly spinning?: boolean;
  /** How long an incomplete batch waits for company. Default 2. */
  readonly batchWindowMs?: number;
  /** Code of the worker threads. Default: the compiled `onnx-worker.js`. */
  readonly workerUrl?: URL;
}

/** Sessions of one model in worker threads. */
export interface OnnxPool {
  readonly names: ModelNames;
  /**
   * Runs one sample: inputs by name, each with its whole shape.
   *
   * @param prepare makes the sample's tensors and gives their buffers away. It is called when a
   * thread is about to be free, so that however many calls wait, few tensors exist.
   * @throws Error where the model fails or its thread dies; what `prepare` throws; the reason of
   * `signal` if it has aborted when the sample's turn comes, or when its result does.
   */
  run(prepare: () => ModelTensors, signal?: AbortSignal): Promise<ModelTensors>;
  /** Ends every thread; what waits or runs rejects. Idempotent. */
  close(): Promise<void>;
}

/** A thread always has its next batch at hand, and no more. */
const BATCHES_PER_THREAD = 2;
/** Each holds a copy of the model. */
const WORKERS_MAX = 4;
/** A model that keeps killing its threads is given up. */
const REPLACEMENTS_MAX = 3;

interface Job {
  readonly prepare: () => ModelTensors;
  /** Looked at when the job's turn comes and when it is done: no listener is left on it. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (outputs: ModelTensors) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts the threads and loads the model in each.
 *
 * @throws Error where the model cannot be loaded.
 */
export async function createOnnxPool(options: OnnxPoolOptions): Promise<OnnxPool> {
  const { model, maxBatch = 1, batchWindowMs = 2, spinning = false } = options;
  const { budget = PROCESS_THREADS } = options;
  const threadsPerWorker = Math.min(options.threadsPerWorker ?? 1, budget.threads);
  // More could never run at once.
  const workersMax = Math.max(1, Math.floor(budget.threads / threadsPerWorker));
  const workers = Math.min(options.workers ?? WORKERS_MAX, workersMax);
  const workerUrl = options.workerUrl ?? distFile('detectors/onnx/onnx-worker.js');
  const slots = new Set<Slot>();
  const queue: Job[] = [];
  let replacementsLeft = REPLACEMENTS_MAX;
  const starting = new Set<Promise<void>>();
  let names: ModelNames = { inputs: [], outputs: [] };
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function startThread(): Promise<void> {
    const start = { model, threads: threadsPerWorker, spinning };
    let slot: Slot | undefined;
    const thread = await startInferenceThread(workerUrl, start, () => {
      if (slot !== undefined) drop(slot);
      if (!closed) void replaceThread();
    });
    names = thread.names;
    slot = { thread, turn: undefined, mayRun: false };
    if (closed) await thread.close();
    else slots.add(slot);
  }

  function drop(slot: Slot): void {
    slots.delete(slot);
    endTurn(slot);
  }

  function endTurn(slot: Slot): void {
    const { turn } = slot;
    slot.mayRun = false;
    slot.turn = undefined;
    turn?.();
  }

  async function addThread(): Promise<void> {
    const start = startThread();
    starting.add(start);
    await start.finally(() => starting.delete(start));
  }

  async function replaceThread(): Promise<void> {
    replacementsLeft -= 1;
    if (replacementsLeft >= 0) await addThread().catch(() => undefined);
    pump(true);
  }

  function rejectQueue(message: string): void {
    for (const job of queue.splice(0)) job.reject(new Error(message));
  }

  /** Asks for the turns of as many threads as there is work for. */
  function askForTurns(): void {
    let wanted = Math.ceil(queue.length / maxBatch);
    for (const slot of slots) {
      if (wanted <= 0) return;
      wanted -= 1;
      if (slot.turn !== undefined) continue;
      // Granted at once or later: the turn is noted first, since `pump` asks again.
      let release: (() => void) | undefined;
      slot.turn = () => release?.();
      release = budget.take(threadsPerWorker, () => {
        slot.mayRun = true;
        if (release !== undefined) pump(false);
      });
    }
  }

  function pump(complete: boolean): void {
    if (slots.size === 0 && starting.size === 0) rejectQueue('no worker thread is left');
    askForTurns();
    while (queue.length > 0) {
      const [slot] = [...slots]
        .filter(({ mayRun, thread }) => mayRun && thread.pending < batchesNow())
        .sort((a, b) => a.thread.pending - b.thread.pending);
      if (slot === undefined) break;
      if (queue.length < maxBatch && !complete) {
        timer ??= setTimeout(() => {
          timer = undefined;
          pump(true);
        }, batchWindowMs);
        return;
      }
      runBatch(slot, queue.splice(0, maxBatch));
    }
    for (const slot of slots) if (slot.mayRun && slot.thread.pending === 0) endTurn(slot);
  }

  /** While another pool waits, a thread takes one batch in its turn. */
  function batchesNow(): number {
    return budget.isContended ? 1 : BATCHES_PER_THREAD;
  }

  function runBatch(slot: Slot, jobs: readonly Job[]): void {
    for (const group of prepareGroups(jobs)) void runGroup(slot, group);
  }

  async function runGroup(slot: Slot, group: readonly Prepared[]): Promise<void> {
    try {
      const rows = group.map(({ inputs }) => rowsOf(inputs));
      const outputs = await slot.thread.run(joinTensors(group.map(({ inputs }) => inputs)));
      const parts = splitTensors(outputs, rows);
      group.forEach(({ job }, index) => {
        if (job.signal?.aborted) job.reject(job.signal.reason);
        else job.resolve(parts[index] ?? {});
      });
    } catch (error) {
      for (const { job } of group) job.reject(error);
    }
    if (slot.thread.pending === 0 && budget.isContended) endTurn(slot);
    pump(false);
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(timer);
    rejectQueue('the pool is closed');
    await Promise.allSettled([...starting]);
    await Promise.all([...slots].map(({ thread }) => thread.close()));
    for (const slot of [...slots]) drop(slot);
  }

  const started = await Promise.allSettled(Array.from({ length: workers }, addThread));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  return {
    names,
    run(prepare, signal) {
      return new Promise((resolve, reject) => {
        if (closed) {
          reject(new Error('the pool is closed'));
          return;
        }
        queue.push({ prepare, signal, resolve, reject });
        pump(false);
      });
    },
    close,
  };
}

interface Slot {
  readonly thread: InferenceThread;
  /** Ends its turn in the budget, or its waiting for one; undefined while it does neither. */
  turn: (() => void) | undefined;
  mayRun: boolean;
}

interface Prepared {
  readonly job: Job;
  readonly inputs: ModelTensors;
}

/** Makes the samples and puts those together that agree. One that cannot be made rejects alone. */
function prepareGroups(jobs: readonly Job[]): readonly (readonly Prepared[])[] {
  const groups = new Map<string, Prepared[]>();
  for (const job of jobs) {
    try {
      job.signal?.throwIfAborted();
      const inputs = job.prepare();
      checkTensors(inputs);
      const key = jobs.length === 1 ? '' : shapeKey(inputs);
      groups.set(key, [...(groups.get(key) ?? []), { job, inputs }]);
    } catch (error) {
      job.reject(error);
    }
  }
  return [...groups.values()];
}
