/**
 * Runs `work` over the items of an iterable with bounded concurrency and no read-ahead. Stops
 * taking items when `signal` aborts or when one `work` rejects; the first rejection is rethrown
 * once all running work has ended.
 */
export async function forEachConcurrently<Item>(
  items: AsyncIterable<Item>,
  concurrency: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  async function lane(): Promise<void> {
    while (failure === undefined && !signal.aborted) {
      const next = await iterator.next();
      if (next.done === true) return;
      await work(next.value);
    }
  }
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      try {
        await lane();
      } catch (error) {
        failure ??= { error };
      }
    }),
  );
  await iterator.return?.();
  if (failure !== undefined) throw failure.error;
}

/** Tasks that run beside the work that makes them, so that a slow stage slows the one before it. */
export interface TaskQueue {
  /**
   * Adds a task; resolves once there is room for the next.
   *
   * @throws the first error of any earlier task.
   */
  push(task: () => Promise<void>): Promise<void>;
  /** Resolves when every task has ended. @throws the first error of any task. */
  drain(): Promise<void>;
}

/** @param capacity how many tasks may wait beyond those that run. */
export function createTaskQueue(concurrency: number, capacity: number): TaskQueue {
  const waiting: (() => Promise<void>)[] = [];
  let running = 0;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void)[] = [];

  function changed(): void {
    const woken = wake;
    wake = [];
    for (const resolve of woken) resolve();
  }
  function start(): void {
    while (running < concurrency) {
      const task = waiting.shift();
      if (task === undefined) return;
      running += 1;
      void task()
        .catch((error: unknown) => {
          failure ??= { error };
          waiting.length = 0;
        })
        .finally(() => {
          running -= 1;
          start();
          changed();
        });
    }
  }
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => wake.push(resolve));
  }

  return {
    async push(task) {
      if (failure !== undefined) throw failure.error;
      waiting.push(task);
      start();
      await until(() => failure !== undefined || waiting.length <= capacity);
    },
    async drain() {
      await until(() => running === 0 && waiting.length === 0);
      if (failure !== undefined) throw failure.error;
    },
  };
}
