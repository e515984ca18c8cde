import { writeOnnxModel } from '../../../src/detectors/onnx/onnx-file.ts';
import { numbers } from './formula.ts';

/** Of the vectors of both encoders. */
export const WIDTH = 16;
const SIZE_PX = 32;
const VOCABULARY = 320;

function values(seed: number, length: number): Float32Array {
  return Float32Array.from(numbers(seed, length));
}

/** Means of 4 × 4 fields, times a matrix: enough to tell pictures apart. */
export function tinyVisionModel(): Uint8Array {
  return writeOnnxModel(
    {
      name: 'vision',
      inputs: [{ name: 'pixel_values', shape: ['batch', 3, SIZE_PX, SIZE_PX] }],
      outputs: [{ name: 'image_embeds', shape: ['batch', WIDTH] }],
      nodes: [
        {
          operator: 'AveragePool',
          inputs: ['pixel_values'],
          output: 'fields',
          attributes: {
            kernel_shape: { kind: 'integers', value: [8, 8] },
            strides: { kind: 'integers', value: [8, 8] },
          },
        },
        { operator: 'Flatten', inputs: ['fields'], output: 'flat' },
        { operator: 'MatMul', inputs: ['flat', 'projection'], output: 'image_embeds' },
      ],
      initializers: [{ name: 'projection', shape: [48, WIDTH], values: values(5, 48 * WIDTH) }],
    },
    'test',
  );
}

/** The mean of a vector for each token. */
export function tinyTextModel(): Uint8Array {
  return writeOnnxModel(
    {
      name: 'text',
      inputs: [{ name: 'input_ids', shape: ['batch', 'tokens'], type: 'int64' }],
      outputs: [{ name: 'text_embeds', shape: ['batch', WIDTH] }],
      nodes: [
        { operator: 'Gather', inputs: ['table', 'input_ids'], output: 'vectors' },
        {
          operator: 'ReduceMean',
          inputs: ['vectors'],
          output: 'text_embeds',
          attributes: {
            axes: { kind: 'integers', value: [1] },
            keepdims: { kind: 'integer', value: 0 },
          },
        },
      ],
      initializers: [
        { name: 'table', shape: [VOCABULARY, WIDTH], values: values(6, VOCABULARY * WIDTH) },
      ],
    },
    'test',
  );
}
