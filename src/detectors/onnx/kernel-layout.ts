import type { NamedTensor } from './tfjs-weights.ts';

export interface LaidOutKernel {
  /** Output channels, input channels by group, height, width. */
  readonly tensor: NamedTensor;
  readonly groups: number;
}

/** TensorFlow's height, width, input, output → ONNX's output, input, height, width. */
export function convolutionKernel(kernel: NamedTensor): LaidOutKernel {
  const [height, width, inputs, outputs] = fourDimensions(kernel);
  return { tensor: rearrange(kernel, [outputs, inputs, height, width], [3, 2, 0, 1]), groups: 1 };
}

/**
 * TensorFlow's height, width, channel, multiplier → a group for each channel. Output channel
 * `channel · multipliers + multiplier` is the same in both.
 */
export function depthwiseKernel(kernel: NamedTensor): LaidOutKernel {
  const [height, width, channels, multipliers] = fourDimensions(kernel);
  const { values } = rearrange(kernel, [channels, multipliers, height, width], [2, 3, 0, 1]);
  return {
    tensor: { shape: [channels * multipliers, 1, height, width], values },
    groups: channels,
  };
}

/** @param axes for each new axis the old one. */
function rearrange(
  tensor: NamedTensor,
  shape: readonly [number, number, number, number],
  axes: readonly [number, number, number, number],
): NamedTensor {
  const [, second, third, fourth] = fourDimensions(tensor);
  const oldStrides = [second * third * fourth, third * fourth, fourth, 1];
  const strides = axes.map((axis) => oldStrides[axis] ?? 0);
  const [a = 0, b = 0, c = 0, d = 0] = strides;
  const values = new Float32Array(tensor.values.length);
  let index = 0;
  for (let i = 0; i < shape[0]; i += 1) {
    for (let j = 0; j < shape[1]; j += 1) {
      for (let k = 0; k < shape[2]; k += 1) {
        for (let l = 0; l < shape[3]; l += 1) {
          values[index] = tensor.values[i * a + j * b + k * c + l * d] ?? Number.NaN;
          index += 1;
        }
      }
    }
  }
  return { shape, values };
}

function fourDimensions({ shape }: NamedTensor): [number, number, number, number] {
  const [a, b, c, d] = shape;
  if (a === undefined || b === undefined || c === undefined || d === undefined) {
    throw new Error('a kernel has four dimensions');
  }
  return [a, b, c, d];
}
