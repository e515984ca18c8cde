import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { callNative } from './native-guard.ts';
import type { RunRequest, WorkerReply, WorkerRequest, WorkerStart } from './worker-protocol.ts';

/**
 * Runs in a worker thread: one session, one batch after another. Inference blocks its thread, which
 * is why it does not happen in the main one.
 */
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread only');
const start: WorkerStart = workerData;

function reply(message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function createSession({ model, threads }: WorkerStart): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    // Explicit: by default the runtime counts the machine's cores, also in a container.
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Errors only: the runtime's warnings would go to the terminal.
    logSeverityLevel: 3,
    // Threads that spin while they wait take the cores from decoding and OCR.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

async function run(session: InferenceSession, request: RunRequest): Promise<void> {
  const [inputName = ''] = session.inputNames;
  const [outputName = ''] = session.outputNames;
  try {
    const input = new Tensor('float32', request.values, request.shape);
    const output = await callNative(start.guard, () => session.run({ [inputName]: input }));
    const data = output[outputName]?.data;
    if (!(data instanceof Float32Array)) throw new Error('the output is not of type float32');
    // A copy, since the runtime owns the memory behind its output.
    const values = new Float32Array(data);
    reply({ kind: 'done', id: request.id, values }, [values.buffer]);
  } catch (error) {
    reply({ kind: 'failed', id: request.id, message: messageOf(error) });
  }
}

/** The thread ends by itself when its port is closed and the session is gone. */
async function close(session: InferenceSession): Promise<void> {
  port?.close();
  await callNative(start.guard, () => session.release(), true);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  const session = await callNative(start.guard, () => createSession(start));
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    last = last.then(() => (request.kind === 'run' ? run(session, request) : close(session)));
  });
  reply({ kind: 'ready' });
} catch (error) {
  reply({ kind: 'unloadable', message: messageOf(error) });
}
