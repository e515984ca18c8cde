/**
 * When a process exits while a worker thread is inside the runtime's native code, the runtime
 * aborts the whole process: the exit code is lost and its last words go to the terminal (seen with
 * onnxruntime-node 1.30). So each worker says through shared memory when it is inside, and the exit
 * waits until it has come out.
 */
export type NativeGuard = Int32Array<SharedArrayBuffer>;

const INSIDE = 0;
const STOP = 1;
/** No single call should take so long. */
const WAIT_MAX_MS = 10_000;

const guards = new Set<NativeGuard>();

/** Main thread: a guard for a new worker, forgotten with {@link forgetNativeGuard}. */
export function createNativeGuard(): NativeGuard {
  if (guards.size === 0) process.once('exit', waitForAll);
  const guard = new Int32Array(new SharedArrayBuffer(8));
  guards.add(guard);
  return guard;
}

/** Main thread: the worker has ended. */
export function forgetNativeGuard(guard: NativeGuard): void {
  guards.delete(guard);
  if (guards.size === 0) process.removeListener('exit', waitForAll);
}

/** Main thread: from now on the worker enters no native code. */
export function stopNativeCalls(guard: NativeGuard): void {
  Atomics.store(guard, STOP, 1);
}

/**
 * Worker thread: makes one native call at a time.
 *
 * @param lastCall whether it is made although the worker has been told to stop.
 * @throws Error where the worker has been told to stop.
 */
export async function callNative<Result>(
  guard: NativeGuard,
  call: () => Promise<Result>,
  lastCall = false,
): Promise<Result> {
  // First say it, then look: so that either we see the order to stop or the exit sees us inside.
  Atomics.store(guard, INSIDE, 1);
  try {
    if (Atomics.load(guard, STOP) === 1 && !lastCall) throw new Error('stopped');
    return await call();
  } finally {
    Atomics.store(guard, INSIDE, 0);
    Atomics.notify(guard, INSIDE);
  }
}

function waitForAll(): void {
  for (const guard of guards) stopNativeCalls(guard);
  for (const guard of guards) Atomics.wait(guard, INSIDE, 1, WAIT_MAX_MS);
}
