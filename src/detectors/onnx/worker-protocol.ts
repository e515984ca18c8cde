import type { NativeGuard } from './native-guard.ts';
import type { ModelNames, ModelTensors } from './tensors.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  /** The ONNX file. */
  readonly model: Uint8Array;
  readonly threads: number;
  /** Whether the session's threads spin while they wait. */
  readonly spinning: boolean;
  readonly guard: NativeGuard;
}

export type WorkerRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      /** Their buffers move to the worker. */
      readonly inputs: ModelTensors;
    }
  /** Answered by the end of the thread. */
  | { readonly kind: 'close' };

export type RunRequest = Extract<WorkerRequest, { kind: 'run' }>;

export type WorkerReply =
  | { readonly kind: 'ready'; readonly names: ModelNames }
  | { readonly kind: 'unloadable'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly outputs: ModelTensors }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
