import { SafelightError } from '../../core/errors.ts';
import { createOnnxPool, type OnnxPool, type OnnxPoolOptions } from './onnx-pool.ts';
import { PROCESS_THREADS } from './thread-budget.ts';

/**
 * Threads for a model of hundreds of megabytes, of which each worker holds a copy: one worker with
 * all threads, unless more are asked for.
 */
export function largeModelThreads(
  workers: number | undefined,
): Pick<OnnxPoolOptions, 'workers' | 'threadsPerWorker'> {
  return workers === undefined
    ? { workers: 1, threadsPerWorker: PROCESS_THREADS.threads }
    : { workers, threadsPerWorker: 1 };
}

/** @throws SafelightError `model_damaged` where the runtime cannot load the model. */
export async function startPool(
  path: string,
  model: Uint8Array,
  threads: ReturnType<typeof largeModelThreads>,
): Promise<OnnxPool> {
  try {
    return await createOnnxPool({ model, ...threads });
  } catch (cause) {
    throw new SafelightError(`the runtime cannot load ${path}`, {
      code: 'model_damaged',
      kind: 'environment',
      hint: 'Pull or convert it anew: docs/detectors.md says how.',
      cause,
    });
  }
}

/** A wanted name where the model has it, else its first. */
export function preferredName(names: readonly string[], wanted: string): string {
  return names.includes(wanted) ? wanted : (names[0] ?? wanted);
}
