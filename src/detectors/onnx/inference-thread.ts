import { Worker } from 'node:worker_threads';
import { createNativeGuard, forgetNativeGuard, stopNativeCalls } from './native-guard.ts';
import type { ModelNames, ModelTensors } from './tensors.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker-protocol.ts';

/** A worker thread with a loaded model, as seen from the main thread. */
export interface InferenceThread {
  readonly names: ModelNames;
  /** Batches that were handed over and not answered. */
  readonly pending: number;
  /** Rejects where the batch fails, and where the thread dies before it answers. */
  run(inputs: ModelTensors): Promise<ModelTensors>;
  /**
   * What is pending rejects at once; the thread ends after the batch that it is running. It is not
   * killed: the runtime takes the whole process with it when its thread goes during inference.
   * Idempotent.
   */
  close(): Promise<void>;
}

interface Waiting {
  resolve(outputs: ModelTensors): void;
  reject(error: Error): void;
}

/**
 * Starts a thread and waits until its model is loaded. An idle thread does not keep the process
 * alive.
 *
 * @param onDeath called when the thread ends without having been closed.
 * @throws Error where the model cannot be loaded.
 */
export async function startInferenceThread(
  workerUrl: URL,
  start: Omit<WorkerStart, 'guard'>,
  onDeath: () => void,
): Promise<InferenceThread> {
  disableTelemetry();
  const guard = createNativeGuard();
  const workerData: WorkerStart = { ...start, guard };
  // Without the flags of this process: some of them keep a worker from starting.
  const worker = new Worker(workerUrl, { workerData, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let nextId = 0;
  let dead = false;
  let closing = false;

  function post(request: WorkerRequest, transfer: readonly ArrayBufferLike[] = []): void {
    const owned = transfer.filter((buffer) => buffer instanceof ArrayBuffer);
    worker.postMessage(request, owned);
  }

  function settle(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0 && !closing) worker.unref();
    return found;
  }

  function rejectAll(error: Error): void {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const names = await new Promise<ModelNames>((resolve, reject) => {
    let started = false;
    let cause: unknown;
    worker.on('message', (message: WorkerReply) => {
      switch (message.kind) {
        case 'ready':
          started = true;
          worker.unref();
          resolve(message.names);
          return;
        case 'unloadable':
          reject(new Error(message.message));
          return;
        case 'done':
          settle(message.id)?.resolve(message.outputs);
          return;
        case 'failed':
          settle(message.id)?.reject(new Error(message.message));
          return;
      }
    });
    worker.on('error', (error) => {
      cause = error;
    });
    // Comes after every other event, whatever ended the thread.
    worker.on('exit', () => {
      dead = true;
      forgetNativeGuard(guard);
      const error = new Error('the worker thread ended', { cause });
      rejectAll(error);
      reject(error);
      if (started && !closing) onDeath();
    });
  });

  return {
    names,
    get pending() {
      return waiting.size;
    },
    run(inputs) {
      if (dead || closing) return Promise.reject(new Error('the worker thread ended'));
      const id = nextId;
      nextId += 1;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        const buffers = new Set(Object.values(inputs).map(({ values }) => values.buffer));
        post({ kind: 'run', id, inputs }, [...buffers]);
      });
    },
    async close() {
      if (!dead && !closing) {
        closing = true;
        worker.ref();
        stopNativeCalls(guard);
        post({ kind: 'close' });
        rejectAll(new Error('the worker thread is closed'));
      }
      await exited;
    },
  };
}

/**
 * By default the runtime's builds for Linux and macOS write an identifier of the machine below the
 * home folder and report every session to its makers (seen with onnxruntime-node 1.30). It reads this
 * variable once, when it is loaded, and from the process: a worker's `env` is a copy that it never
 * sees, so the variable is set here.
 */
function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY = '1';
}
