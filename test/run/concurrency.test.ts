import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTaskQueue, forEachConcurrently } from '../../src/run/concurrency.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let number = 0; number < count; number += 1) yield number;
}
const never = new AbortController().signal;

describe('forEachConcurrently', () => {
  it('works on every item once, never on more than allowed at a time', async () => {
    const seen: number[] = [];
    let running = 0;
    let most = 0;
    await forEachConcurrently(numbers(50), 4, never, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await sleep(1);
      running -= 1;
      seen.push(item);
    });
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(most).toBe(4);
  });

  it('takes no item ahead of a free hand', async () => {
    let taken = 0;
    async function* counted(): AsyncGenerator<number> {
      for (let number = 0; number < 10; number += 1) {
        taken += 1;
        yield number;
      }
    }
    let done = 0;
    await forEachConcurrently(counted(), 2, never, async () => {
      expect(taken - done).toBeLessThanOrEqual(2);
      await sleep(1);
      done += 1;
    });
  });

  it('stops at the first error, lets the others end, and closes the source', async () => {
    let closed = false;
    let ended = 0;
    async function* source(): AsyncGenerator<number> {
      try {
        yield* numbers(100);
      } finally {
        closed = true;
      }
    }
    const run = forEachConcurrently(source(), 3, never, async (item) => {
      if (item === 1) throw new Error('broken');
      await sleep(5);
      ended += 1;
    });
    await expect(run).rejects.toThrow('broken');
    expect(ended).toBeLessThan(6);
    expect(closed).toBe(true);
  });

  it('stops when the signal aborts', async () => {
    const controller = new AbortController();
    let done = 0;
    await forEachConcurrently(numbers(100), 2, controller.signal, async () => {
      done += 1;
      if (done === 10) controller.abort();
    });
    expect(done).toBeLessThanOrEqual(11);
  });
});

describe('task queue', () => {
  it('holds the producer back while the backlog is full', async () => {
    const queue = createTaskQueue(2, 3);
    let started = 0;
    let released = false;
    const gate = new Promise<void>((resolve) => {
      setTimeout(() => {
        released = true;
        resolve();
      }, 20);
    });
    let pushed = 0;
    for (let task = 0; task < 20; task += 1) {
      if (!released) expect(pushed - started).toBeLessThanOrEqual(4);
      await queue.push(async () => {
        started += 1;
        await gate;
      });
      pushed += 1;
    }
    await queue.drain();
    expect(started).toBe(20);
  });

  it('hands the first error to drain and to the next push', async () => {
    const queue = createTaskQueue(1, 10);
    await queue.push(async () => {
      throw new Error('full disk');
    });
    await expect(queue.drain()).rejects.toThrow('full disk');
    await expect(queue.push(async () => undefined)).rejects.toThrow('full disk');
  });
});
