import type { NativeGuard } from './native-guard.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  /** The ONNX file. */
  readonly model: Uint8Array;
  readonly threads: number;
  readonly guard: NativeGuard;
}

export type WorkerRequest =
  | {
      readonly kind: 'run';
      readonly id: number;
      /** Batch size first. */
      readonly shape: readonly number[];
      /** The buffer moves to the worker. */
      readonly values: Float32Array;
    }
  /** Answered by the end of the thread. */
  | { readonly kind: 'close' };

export type RunRequest = Extract<WorkerRequest, { kind: 'run' }>;

export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unloadable'; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly values: Float32Array }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
