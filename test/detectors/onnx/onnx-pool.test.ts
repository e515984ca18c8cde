import { afterEach, describe, expect, it } from 'vitest';
import { writeOnnxModel } from '../../../src/detectors/onnx/onnx-file.ts';
import {
  createOnnxPool,
  type OnnxPool,
  type OnnxPoolOptions,
} from '../../../src/detectors/onnx/onnx-pool.ts';
import { floatOutput, type ModelTensors } from '../../../src/detectors/onnx/tensors.ts';
import { createThreadBudget } from '../../../src/detectors/onnx/thread-budget.ts';

/** [batch, 2] → the same, times (2, 3). */
const model = writeOnnxModel(
  {
    name: 'times',
    inputs: [{ name: 'in', shape: ['batch', 2] }],
    outputs: [{ name: 'out', shape: ['batch', 2] }],
    nodes: [{ operator: 'Mul', inputs: ['in', 'factor'], output: 'out' }],
    initializers: [{ name: 'factor', shape: [2], values: Float32Array.of(2, 3) }],
  },
  'test',
);
const fixtureWorker = new URL('./fixture-worker.mjs', import.meta.url);

let pool: OnnxPool;
afterEach(() => pool.close());

async function open(options: Partial<OnnxPoolOptions>): Promise<void> {
  pool = await createOnnxPool({
    model,
    workers: 1,
    budget: createThreadBudget(4),
    threadsPerWorker: 1,
    maxBatch: 1,
    ...options,
  });
}

function sample(...values: number[]): ModelTensors {
  return {
    in: { type: 'float32', shape: [1, values.length], values: Float32Array.from(values) },
  };
}

function run(...values: number[]): Promise<number[]> {
  return pool.run(() => sample(...values)).then((outputs) => [...floatOutput(outputs)]);
}

function messageOf(result: PromiseSettledResult<unknown>): string {
  return result.status === 'rejected' ? String(result.reason.message) : 'fulfilled';
}

describe('a pool of sessions', () => {
  for (const [workers, maxBatch] of [
    [1, 1],
    [2, 1],
    [1, 4],
    [2, 3],
  ] as const) {
    it(`gives every call its own result (${workers} workers, batches of ${maxBatch})`, async () => {
      await open({ workers, maxBatch });
      const inputs = Array.from({ length: 20 }, (_, index) => [index, index / 2] as const);
      const outputs = await Promise.all(inputs.map(([a, b]) => run(a, b)));
      expect(outputs).toEqual(inputs.map(([a, b]) => [2 * a, 3 * b]));
    });
  }

  it('forms batches across calls, and sends an incomplete one off after its window', async () => {
    await open({ workerUrl: fixtureWorker, maxBatch: 4 });
    const sizes = await Promise.all(Array.from({ length: 6 }, () => run(1, 1)));
    expect(sizes.flat()).toEqual([4, 4, 4, 4, 2, 2]);
  });

  it('makes few tensors, however many calls wait', async () => {
    await open({ workers: 1 });
    let made = 0;
    const calls = Array.from({ length: 50 }, () =>
      pool.run(() => {
        made += 1;
        return sample(1, 1);
      }),
    );
    expect(made).toBe(2);
    await Promise.all(calls);
    expect(made).toBe(50);
  });

  it('rejects one sample that cannot be made, and its batch goes on', async () => {
    await open({ maxBatch: 3 });
    const results = await Promise.allSettled([
      run(1, 1),
      pool.run(() => {
        throw new Error('no pixels');
      }),
      pool.run(() => ({
        in: { type: 'float32', shape: [1, 2], values: Float32Array.of(1, 2, 3) },
      })),
      run(2, 2),
    ]);
    expect(results.map(messageOf)).toEqual([
      'fulfilled',
      'no pixels',
      'in has 3 values, its shape says 2',
      'fulfilled',
    ]);
  });

  it('rejects a batch that the model cannot take, and goes on', async () => {
    await open({});
    await expect(run(1, 2, 3)).rejects.toThrow();
    await expect(run(1, 2, 3)).rejects.toThrow();
    await pool.close();
    await open({ workerUrl: fixtureWorker });
    const results = await Promise.allSettled([run(12, 0), run(1, 1)]);
    expect(results.map(messageOf)).toEqual(['twelve', 'fulfilled']);
  });

  it('drops what its signal has aborted', async () => {
    await open({});
    const controller = new AbortController();
    let made = 0;
    const calls = Array.from({ length: 9 }, () =>
      pool.run(() => {
        made += 1;
        return sample(1, 1);
      }, controller.signal),
    );
    controller.abort(new Error('enough'));
    const results = await Promise.allSettled(calls);
    expect(results.map(messageOf)).toEqual(calls.map(() => 'enough'));
    expect(made).toBeLessThan(9);
    expect(await run(1, 1)).toEqual([2, 3]);
  });

  it('says that a model cannot be loaded', async () => {
    await open({});
    const broken = createOnnxPool({ workers: 2, model: model.subarray(0, 40) });
    await expect(broken).rejects.toThrow();
  });
});

describe('a worker thread that dies', () => {
  it('rejects what it held, and is replaced', async () => {
    await open({ workerUrl: fixtureWorker });
    const results = await Promise.allSettled([run(13, 0), run(1, 1), run(1, 1)]);
    expect(results.map(messageOf)).toEqual([
      'the worker thread ended',
      // Already with the thread that died.
      'the worker thread ended',
      'fulfilled',
    ]);
  });

  it('again and again is given up, without a call left hanging', async () => {
    await open({ workerUrl: fixtureWorker });
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => run(13, 0)));
    expect(results.map(messageOf).slice(0, 8)).toEqual(
      Array.from({ length: 8 }, () => 'the worker thread ended'),
    );
    expect(results.map(messageOf).at(-1)).toBe('no worker thread is left');
    await expect(run(1, 1)).rejects.toThrow('no worker thread is left');
  });
});

describe('closing a pool', () => {
  it('rejects what waits and what runs, and every later call', async () => {
    await open({ workers: 2, maxBatch: 2 });
    const calls = Promise.allSettled(Array.from({ length: 9 }, () => run(1, 1)));
    await pool.close();
    expect((await calls).map(messageOf)).not.toContain('fulfilled');
    await expect(run(1, 1)).rejects.toThrow('the pool is closed');
  });
});
