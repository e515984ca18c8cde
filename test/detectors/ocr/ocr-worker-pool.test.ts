import { expect, test } from 'vitest';
import type { OcrWorker } from '../../../src/detectors/ocr/ocr-worker.ts';
import { createOcrWorkerPool } from '../../../src/detectors/ocr/ocr-worker-pool.ts';

interface CountedWorker extends OcrWorker {
  spoil(): void;
}

function createCountingFactory() {
  const counts = { started: 0, closed: 0 };
  const start = async (): Promise<CountedWorker> => {
    counts.started++;
    let usable = true;
    return {
      recognise: async () => [],
      isUsable: () => usable,
      spoil: () => {
        usable = false;
      },
      close: async () => {
        counts.closed++;
      },
    };
  };
  return { counts, start };
}

test('starts no worker before the first job, and no second one for a single stream', async () => {
  const { counts, start } = createCountingFactory();
  const pool = createOcrWorkerPool(2, start);
  expect(counts.started).toBe(0);
  for (let job = 0; job < 5; job++) await pool.withWorker(async () => undefined);
  expect(counts.started).toBe(1);
  await pool.close();
  expect(counts.closed).toBe(1);
});

test('never lends one worker twice, and serves everyone in turn', async () => {
  const { counts, start } = createCountingFactory();
  const pool = createOcrWorkerPool(2, start);
  const lent = new Set<OcrWorker>();
  const done: number[] = [];
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map((job) =>
      pool.withWorker(async (worker) => {
        expect(lent.has(worker)).toBe(false);
        lent.add(worker);
        await new Promise((resolve) => setImmediate(resolve));
        lent.delete(worker);
        done.push(job);
      }),
    ),
  );
  expect(done).toEqual([0, 1, 2, 3, 4, 5]);
  expect(counts.started).toBe(2);
  await pool.close();
});

test('replaces a worker that broke, and outlives a job that failed', async () => {
  const { counts, start } = createCountingFactory();
  const spoiling: CountedWorker[] = [];
  const pool = createOcrWorkerPool(1, async () => {
    const worker = await start();
    spoiling.push(worker);
    return worker;
  });
  await expect(
    pool.withWorker(async () => {
      spoiling[0]?.spoil();
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  await pool.withWorker(async () => undefined);
  expect(counts).toEqual({ started: 2, closed: 1 });
  await pool.close();
});

test('a start that fails fails its job only, and closing waits and refuses', async () => {
  let fail = true;
  const { start } = createCountingFactory();
  const pool = createOcrWorkerPool(1, async () => {
    if (fail) throw new Error('no engine');
    return start();
  });
  await expect(pool.withWorker(async () => 1)).rejects.toThrow('no engine');
  fail = false;
  const late = pool.withWorker(async () => 2);
  await Promise.all([pool.close(), pool.close()]);
  await expect(late).resolves.toBe(2);
  await expect(pool.withWorker(async () => 3)).rejects.toThrow('closed');
});
