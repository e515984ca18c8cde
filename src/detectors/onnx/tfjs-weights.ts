import type { TfjsWeight } from './tfjs-model.ts';

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/**
 * Reads the tensors that lie one after another in a TensorFlow.js weight file, little-endian.
 * A quantised value is `q · scale + min`, reckoned in double precision and rounded once, which is
 * what TensorFlow.js does.
 *
 * @throws RangeError where the data is shorter or longer than the list of weights says.
 */
export function readTfjsWeights(
  weights: readonly TfjsWeight[],
  data: Uint8Array,
): Map<string, NamedTensor> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const tensors = new Map<string, NamedTensor>();
  let offset = 0;
  for (const weight of weights) {
    const length = weight.shape.reduce((product, size) => product * size, 1);
    const read = elementReader(weight, view);
    const values = weight.dtype === 'float32' ? new Float32Array(length) : new Int32Array(length);
    for (let index = 0; index < length; index += 1) {
      values[index] = read.at(offset + index * read.bytes);
    }
    offset += length * read.bytes;
    tensors.set(weight.name, { shape: weight.shape, values });
  }
  if (offset !== data.byteLength) {
    throw new RangeError(`the weights are ${data.byteLength} bytes long, expected ${offset}`);
  }
  return tensors;
}

function elementReader(
  weight: TfjsWeight,
  view: DataView,
): { readonly bytes: number; at(offset: number): number } {
  const { quantization } = weight;
  if (quantization === undefined) {
    return weight.dtype === 'float32'
      ? { bytes: 4, at: (offset) => view.getFloat32(offset, true) }
      : { bytes: 4, at: (offset) => view.getInt32(offset, true) };
  }
  const { dtype, scale, min } = quantization;
  const round = weight.dtype === 'int32' ? Math.round : (value: number): number => value;
  return dtype === 'uint8'
    ? { bytes: 1, at: (offset) => round(view.getUint8(offset) * scale + min) }
    : { bytes: 2, at: (offset) => round(view.getUint16(offset, true) * scale + min) };
}
