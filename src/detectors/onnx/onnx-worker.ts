import { parentPort, workerData } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { callNative } from './native-guard.ts';
import type { ModelTensor, ModelTensors } from './tensors.ts';
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

function createSession({ model, threads, spinning }: WorkerStart): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    // Explicit: by default the runtime counts the machine's cores, also in a container.
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Errors only: the runtime's warnings would go to the terminal.
    logSeverityLevel: 3,
    // Threads that spin while they wait take the cores from decoding and OCR.
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  });
}

async function run(session: InferenceSession, { id, inputs }: RunRequest): Promise<void> {
  try {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { type, values, shape }]) => [
        name,
        new Tensor(type, values, shape),
      ]),
    );
    const results = await callNative(start.guard, () => session.run(feeds));
    const outputs: ModelTensors = Object.fromEntries(
      session.outputNames.map((name) => [name, copyOutput(name, results[name])]),
    );
    const buffers = Object.values(outputs).map(({ values }) => values.buffer);
    reply({ kind: 'done', id, outputs }, buffers.filter(isOwned));
  } catch (error) {
    reply({ kind: 'failed', id, message: messageOf(error) });
  }
}

/** A copy, since the runtime owns the memory behind its output. */
function copyOutput(name: string, tensor: Tensor | undefined): ModelTensor {
  const shape = [...(tensor?.dims ?? [])];
  const data = tensor?.data;
  if (data instanceof Float32Array) {
    return { type: 'float32', shape, values: new Float32Array(data) };
  }
  if (data instanceof BigInt64Array) {
    return { type: 'int64', shape, values: new BigInt64Array(data) };
  }
  throw new Error(`the output ${name} is of type ${tensor?.type}, not float32 or int64`);
}

function isOwned(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer;
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
  reply({
    kind: 'ready',
    names: { inputs: [...session.inputNames], outputs: [...session.outputNames] },
  });
} catch (error) {
  reply({ kind: 'unloadable', message: messageOf(error) });
}
