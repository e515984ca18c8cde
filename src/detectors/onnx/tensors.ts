/** A value that goes into a model or comes out of it. Row-major. */
export type ModelTensor =
  | {
      readonly type: 'float32';
      readonly shape: readonly number[];
      readonly values: Float32Array;
    }
  /** Such as token ids and their mask. */
  | {
      readonly type: 'int64';
      readonly shape: readonly number[];
      readonly values: BigInt64Array;
    };

/** By the names that the model gives its inputs or outputs. */
export type ModelTensors = Readonly<Record<string, ModelTensor>>;

/** What a model calls its two ends, in its own order. */
export interface ModelNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** @throws RangeError where a tensor has not as many values as its shape says. */
export function checkTensors(tensors: ModelTensors): void {
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const length = shape.reduce((product, size) => product * size, 1);
    if (values.length !== length) {
      throw new RangeError(`${name} has ${values.length} values, its shape says ${length}`);
    }
  }
}

/** Equal for samples that can go through the model together. */
export function shapeKey(tensors: ModelTensors): string {
  return JSON.stringify(
    Object.entries(tensors)
      .map(([name, { type, shape }]) => [name, type, ...shape.slice(1)])
      .sort(),
  );
}

/** Puts samples of one {@link shapeKey} behind one another, along the first dimension. */
export function joinTensors(samples: readonly ModelTensors[]): ModelTensors {
  const [first] = samples;
  if (first === undefined) throw new RangeError('nothing to join');
  if (samples.length === 1) return first;
  return Object.fromEntries(
    Object.entries(first).map(([name, { type, shape }]) => {
      const parts = samples.flatMap((sample) => sample[name] ?? []);
      const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 1), 0);
      return [name, joined(type, [rows, ...shape.slice(1)], parts)];
    }),
  );
}

function joined(
  type: ModelTensor['type'],
  shape: readonly number[],
  parts: readonly ModelTensor[],
): ModelTensor {
  const length = shape.reduce((product, size) => product * size, 1);
  let at = 0;
  if (type === 'float32') {
    const values = new Float32Array(length);
    for (const part of parts) {
      if (part.type === 'float32') values.set(part.values, at);
      at += part.values.length;
    }
    return { type, shape, values };
  }
  const values = new BigInt64Array(length);
  for (const part of parts) {
    if (part.type === 'int64') values.set(part.values, at);
    at += part.values.length;
  }
  return { type, shape, values };
}

/**
 * Undoes {@link joinTensors} on a model's outputs.
 *
 * @param rows of each sample, in the order in which they were joined.
 * @throws RangeError where an output has not a row for every row of the input.
 */
export function splitTensors(outputs: ModelTensors, rows: readonly number[]): ModelTensors[] {
  if (rows.length === 1) return [outputs];
  const total = rows.reduce((sum, count) => sum + count, 0);
  let from = 0;
  return rows.map((count) => {
    const start = from;
    from += count;
    return Object.fromEntries(
      Object.entries(outputs).map(([name, tensor]) => {
        if (tensor.shape[0] !== total) {
          throw new RangeError(`the output ${name} has not a row for every sample`);
        }
        const length = tensor.values.length / total;
        const shape = [count, ...tensor.shape.slice(1)];
        const [begin, end] = [start * length, (start + count) * length];
        return [
          name,
          tensor.type === 'float32'
            ? { ...tensor, shape, values: tensor.values.slice(begin, end) }
            : { ...tensor, shape, values: tensor.values.slice(begin, end) },
        ];
      }),
    );
  });
}

/** Rows of a sample: the first dimension of its inputs, 1 where they have none. */
export function rowsOf(tensors: ModelTensors): number {
  return Object.values(tensors)[0]?.shape[0] ?? 1;
}

/**
 * The one output of a model that has one, or the named one.
 *
 * @throws RangeError where it is not there or not of type float32.
 */
export function floatOutput(outputs: ModelTensors, name?: string): Float32Array {
  const names = Object.keys(outputs);
  const wanted = name ?? names[0] ?? '';
  const tensor = outputs[wanted];
  if (tensor === undefined) {
    throw new RangeError(`the model has no output ${wanted}; it has: ${names.join(', ')}`);
  }
  if (tensor.type !== 'float32') throw new RangeError(`the output ${wanted} is not float32`);
  return tensor.values;
}
