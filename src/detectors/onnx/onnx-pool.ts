import { distFile } from './dist-file.ts';
import { type InferenceThread, startInferenceThread } from './inference-thread.ts';

export interface OnnxPoolOptions {
  /** The ONNX file: one float32 input, one float32 output, both with the batch first. */
  readonly model: Uint8Array;
  /** Shape of one sample, without the batch. */
  readonly sampleShape: readonly number[];
  /** Worker threads, each with a session of its own. */
  readonly workers: number;
  /** Threads inside each session. */
  readonly threadsPerWorker: number;
  /** Samples in one call of the model. 1 makes results independent of what else is running. */
  readonly maxBatch: number;
  /** How long an incomplete batch waits for company. Default 2. */
  readonly batchWindowMs?: number;
  /** Code of the worker threads. Default: the compiled `onnx-worker.js`. */
  readonly workerUrl?: URL;
}

/** Sessions of one model in worker threads. */
export interface OnnxPool {
  /**
   * Runs one sample.
   *
   * @param prepare makes the sample's values and gives their buffer away. It is called when a
   * thread is about to be free, so that however many calls wait, few tensors exist.
   * @throws Error where the model fails or its thread dies; what `prepare` throws; the reason of
   * `signal` if it has aborted when the sample's turn comes, or when its result does.
   */
  run(prepare: () => Float32Array, signal?: AbortSignal): Promise<Float32Array>;
  /** Ends every thread; what waits or runs rejects. Idempotent. */
  close(): Promise<void>;
}

/** A thread always has its next batch at hand, and no more. */
const BATCHES_PER_THREAD = 2;
/** A model that keeps killing its threads is given up. */
const REPLACEMENTS_MAX = 3;

interface Job {
  readonly prepare: () => Float32Array;
  /** Looked at when the job's turn comes and when it is done: no listener is left on it. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (values: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts the threads and loads the model in each.
 *
 * @throws Error where the model cannot be loaded.
 */
export async function createOnnxPool(options: OnnxPoolOptions): Promise<OnnxPool> {
  const { model, sampleShape, maxBatch, batchWindowMs = 2 } = options;
  const workerUrl = options.workerUrl ?? distFile('detectors/onnx/onnx-worker.js');
  const sampleLength = sampleShape.reduce((product, size) => product * size, 1);
  const threads = new Set<InferenceThread>();
  const queue: Job[] = [];
  let replacementsLeft = REPLACEMENTS_MAX;
  const starting = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function startThread(): Promise<void> {
    const start = { model, threads: options.threadsPerWorker };
    const thread = await startInferenceThread(workerUrl, start, () => {
      threads.delete(thread);
      if (!closed) void replaceThread();
    });
    if (closed) await thread.close();
    else threads.add(thread);
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

  function pump(complete: boolean): void {
    if (threads.size === 0 && starting.size === 0) rejectQueue('no worker thread is left');
    while (queue.length > 0) {
      const [thread] = [...threads].sort((a, b) => a.pending - b.pending);
      if (thread === undefined || thread.pending >= BATCHES_PER_THREAD) return;
      if (queue.length < maxBatch && !complete) {
        timer ??= setTimeout(() => {
          timer = undefined;
          pump(true);
        }, batchWindowMs);
        return;
      }
      void runBatch(thread, queue.splice(0, maxBatch));
    }
  }

  async function runBatch(thread: InferenceThread, jobs: readonly Job[]): Promise<void> {
    const { prepared, values } = prepareBatch(jobs, sampleLength);
    if (prepared.length === 0) return;
    try {
      const output = await thread.run([prepared.length, ...sampleShape], values);
      const length = output.length / prepared.length;
      prepared.forEach((job, index) => {
        if (job.signal?.aborted) job.reject(job.signal.reason);
        else job.resolve(output.slice(index * length, (index + 1) * length));
      });
    } catch (error) {
      for (const job of prepared) job.reject(error);
    }
    pump(false);
  }

  const pool: OnnxPool = {
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
    async close() {
      closed = true;
      clearTimeout(timer);
      rejectQueue('the pool is closed');
      await Promise.allSettled([...starting]);
      await Promise.all([...threads].map((thread) => thread.close()));
      threads.clear();
    },
  };

  const started = await Promise.allSettled(Array.from({ length: options.workers }, addThread));
  const failure = started.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await pool.close();
    throw failure.reason;
  }
  return pool;
}

/** Puts samples behind one another. A sample that cannot be made rejects alone. */
function prepareBatch(
  jobs: readonly Job[],
  sampleLength: number,
): { readonly prepared: readonly Job[]; readonly values: Float32Array } {
  const prepared: Job[] = [];
  const samples: Float32Array[] = [];
  for (const job of jobs) {
    try {
      job.signal?.throwIfAborted();
      const sample = job.prepare();
      if (sample.length !== sampleLength) {
        throw new RangeError(`a sample has ${sample.length} values, expected ${sampleLength}`);
      }
      prepared.push(job);
      samples.push(sample);
    } catch (error) {
      job.reject(error);
    }
  }
  const [only] = samples;
  if (samples.length === 1 && only !== undefined) return { prepared, values: only };
  const values = new Float32Array(samples.length * sampleLength);
  samples.forEach((sample, index) => {
    values.set(sample, index * sampleLength);
  });
  return { prepared, values };
}
