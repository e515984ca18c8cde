import { distFile } from '../onnx/dist-file.ts';
import { type InferenceThread, startInferenceThread } from '../onnx/inference-thread.ts';
import type { PpocrFiles } from './ppocr-files.ts';
import type { PpocrModels } from './read-lines.ts';

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
    startInferenceThread(workerUrl, { model, threads: 1 }, () => {
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
    models: { detection, direction, recognition, alphabet: files.alphabet },
    isUsable: () => usable,
    close,
  };
}
