import { distFile } from '../onnx/dist-file.ts';
import { type InferenceThread, startInferenceThread } from '../onnx/inference-thread.ts';
import { floatOutput } from '../onnx/tensors.ts';
import { PROCESS_THREADS } from '../onnx/thread-budget.ts';
import type { PpocrFiles } from './ppocr-files.ts';
import type { ModelRunner, PpocrModels } from './read-lines.ts';

/** The three models, each in a thread of its own; they work one after another. */
export interface PpocrEngine {
  readonly models: PpocrModels;
  /** False where a thread has died: the engine is then to be thrown away. */
  isUsable(): boolean;
  /** Idempotent. */
  close(): Promise<void>;
}

/** @throws Error where a model cannot be loaded. */
export async function startPpocrEngine(
  files: PpocrFiles,
  workerUrl: URL = distFile('detectors/onnx/onnx-worker.js'),
): Promise<PpocrEngine> {
  let usable = true;
  const start = (model: Uint8Array): Promise<InferenceThread> =>
    startInferenceThread(workerUrl, { model, threads: 1, spinning: false }, () => {
      usable = false;
    });
  const started = await Promise.allSettled([
    start(files.detection),
    start(files.direction),
    start(files.recognition),
  ]);
  const threads = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const close = async (): Promise<void> => {
    usable = false;
    await Promise.all(threads.map((thread) => thread.close()));
  };
  const failure = started.find((each) => each.status === 'rejected');
  const [detection, direction, recognition] = threads;
  if (failure !== undefined || !detection || !direction || !recognition) {
    await close();
    throw failure?.reason ?? new Error('a model did not start');
  }
  return {
    models: {
      detection: toRunner(detection),
      direction: toRunner(direction),
      recognition: toRunner(recognition),
      alphabet: files.alphabet,
    },
    isUsable: () => usable,
    close,
  };
}

/** Waits for its turn among all models of the process. */
function toRunner(thread: InferenceThread): ModelRunner {
  return {
    async run(shape, values) {
      let release = (): void => undefined;
      await new Promise<void>((resolve) => {
        release = PROCESS_THREADS.take(1, resolve);
      });
      try {
        const name = thread.names.inputs[0] ?? '';
        return floatOutput(await thread.run({ [name]: { type: 'float32', shape, values } }));
      } finally {
        release();
      }
    },
  };
}
