import { expect, it } from 'vitest';
import { writeOnnxModel } from '../../../src/detectors/onnx/onnx-file.ts';
import { createOnnxPool } from '../../../src/detectors/onnx/onnx-pool.ts';
import type { ModelTensors } from '../../../src/detectors/onnx/tensors.ts';
import { createThreadBudget } from '../../../src/detectors/onnx/thread-budget.ts';

const wide = ['batch', 'width'];
/** Tokens and values of any width → twice the tokens, and the values' negatives. */
const model = writeOnnxModel(
  {
    name: 'two',
    inputs: [
      { name: 'tokens', shape: wide, type: 'int64' },
      { name: 'values', shape: wide },
    ],
    outputs: [
      { name: 'doubled', shape: wide, type: 'int64' },
      { name: 'negated', shape: wide },
    ],
    nodes: [
      { operator: 'Add', inputs: ['tokens', 'tokens'], output: 'doubled' },
      { operator: 'Neg', inputs: ['values'], output: 'negated' },
    ],
    initializers: [],
  },
  'test',
);

function sample(width: number): ModelTensors {
  const shape = [1, width];
  return {
    tokens: { type: 'int64', shape, values: new BigInt64Array(width).fill(BigInt(width)) },
    values: { type: 'float32', shape, values: new Float32Array(width).fill(width) },
  };
}

function expected(width: number): ModelTensors {
  const shape = [1, width];
  return {
    doubled: { type: 'int64', shape, values: new BigInt64Array(width).fill(BigInt(2 * width)) },
    negated: { type: 'float32', shape, values: new Float32Array(width).fill(-width) },
  };
}

it.each([1, 4])(
  'runs inputs and outputs of several types and widths (batches of %i)',
  async (maxBatch) => {
    const budget = createThreadBudget(2);
    const pool = await createOnnxPool({ model, maxBatch, budget });
    const widths = [3, 5, 3, 1, 5, 3, 3];
    expect(pool.names).toEqual({ inputs: ['tokens', 'values'], outputs: ['doubled', 'negated'] });
    const outputs = await Promise.all(widths.map((width) => pool.run(() => sample(width))));
    expect(outputs).toEqual(widths.map(expected));
    await pool.close();
  },
);

it('lets two pools share one thread, and gives it back', async () => {
  const budget = createThreadBudget(1);
  const pools = [await createOnnxPool({ model, budget }), await createOnnxPool({ model, budget })];
  const runs = pools.flatMap((pool) => [1, 2, 3, 4].map((width) => pool.run(() => sample(width))));
  expect(await Promise.all(runs)).toHaveLength(8);
  let isFree = false;
  budget.take(1, () => {
    isFree = true;
  })();
  expect(isFree).toBe(true);
  await Promise.all(pools.map((pool) => pool.close()));
});

it('never grants more threads than there are, first come first served', () => {
  const budget = createThreadBudget(2);
  const granted: string[] = [];
  const first = budget.take(2, () => granted.push('first'));
  const second = budget.take(1, () => granted.push('second'));
  budget.take(1, () => granted.push('third'));
  expect([granted, budget.isContended]).toEqual([['first'], true]);
  second();
  first();
  first();
  budget.take(2, () => granted.push('fourth'));
  expect([granted, budget.isContended]).toEqual([['first', 'third'], true]);
});
