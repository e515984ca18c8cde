import { describe, expect, it } from 'vitest';
import { convolutionKernel, depthwiseKernel } from '../../../src/detectors/onnx/kernel-layout.ts';
import type { TfjsNode } from '../../../src/detectors/onnx/tfjs-model.ts';
import { convertTfjsGraph } from '../../../src/detectors/onnx/tfjs-to-onnx.ts';
import { type NamedTensor, readTfjsWeights } from '../../../src/detectors/onnx/tfjs-weights.ts';

describe('readTfjsWeights', () => {
  it('undoes the quantisation as q · scale + min, rounded once', () => {
    const weights = [
      {
        name: 'a',
        shape: [2],
        dtype: 'float32' as const,
        quantization: { dtype: 'uint8' as const, min: -1.1, scale: 0.3 },
      },
      { name: 'b', shape: [], dtype: 'float32' as const },
      { name: 'c', shape: [1], dtype: 'int32' as const },
    ];
    const data = Buffer.alloc(10);
    data.set([0, 7]);
    data.writeFloatLE(0.25, 2);
    data.writeInt32LE(-9, 6);
    const tensors = readTfjsWeights(weights, data);
    expect([...(tensors.get('a')?.values ?? [])]).toEqual([-1.1, 7 * 0.3 - 1.1].map(Math.fround));
    expect([...(tensors.get('b')?.values ?? [])]).toEqual([0.25]);
    expect([...(tensors.get('c')?.values ?? [])]).toEqual([-9]);
  });

  it('refuses data of another length', () => {
    const weights = [{ name: 'a', shape: [2], dtype: 'float32' as const }];
    expect(() => readTfjsWeights(weights, Buffer.alloc(9))).toThrow(RangeError);
    expect(() => readTfjsWeights(weights, Buffer.alloc(7))).toThrow(RangeError);
  });
});

describe('kernels', () => {
  const values = Float32Array.from({ length: 24 }, (_, index) => index);

  it('go from height, width, input, output to output, input, height, width', () => {
    const { tensor, groups } = convolutionKernel({ shape: [1, 2, 3, 4], values });
    expect(tensor.shape).toEqual([4, 3, 1, 2]);
    expect(groups).toBe(1);
    // Output 1, input 2, column 1 lay at column 1, input 2, output 1.
    expect(tensor.values[1 * 6 + 2 * 2 + 1]).toBe(1 * 12 + 2 * 4 + 1);
  });

  it('of a depthwise convolution become a group for each channel', () => {
    const { tensor, groups } = depthwiseKernel({ shape: [1, 2, 3, 4], values });
    expect(tensor.shape).toEqual([12, 1, 1, 2]);
    expect(groups).toBe(3);
    // Channel 2, multiplier 3, column 1.
    expect(tensor.values[(2 * 4 + 3) * 2 + 1]).toBe(1 * 12 + 2 * 4 + 3);
  });
});

describe('convertTfjsGraph', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const input: TfjsNode = {
    name: 'in',
    op: 'Placeholder',
    input: [],
    attr: { shape: { shape: { dim: ['-1', '4', '4', '1'].map((size) => ({ size })) } } },
  };
  const weights = new Map<string, NamedTensor>([
    ['kernel', { shape: [1, 1, 1, 1], values: Float32Array.of(1) }],
    ['bias', { shape: [1], values: Float32Array.of(1) }],
  ]);
  const convolution = (attributes: TfjsNode['attr']): TfjsNode => ({
    name: 'conv',
    op: '_FusedConv2D',
    input: ['in', 'kernel', 'bias'],
    attr: {
      data_format: { s: base64('NHWC') },
      padding: { s: base64('SAME') },
      strides: { list: { i: ['1', '1', '1', '1'] } },
      fused_ops: { list: { s: [base64('BiasAdd')] } },
      ...attributes,
    },
  });
  const convert = (...node: TfjsNode[]) =>
    convertTfjsGraph(
      { format: 'graph-model', modelTopology: { node }, weightsManifest: [] },
      weights,
      'test',
    );

  it('converts no graph by halves', () => {
    const unknown: TfjsNode = { name: 'x', op: 'FFT', input: ['in'], attr: {} };
    expect(() => convert(input, unknown)).toThrow('FFT');
    expect(() => convert(input, convolution({}))).toThrow('no classes');
    expect(() =>
      convert(input, convolution({ fused_ops: { list: { s: [base64('Elu')] } } })),
    ).toThrow('Elu');
    expect(() => convert(input, convolution({ dilations: { list: { i: ['1', '2'] } } }))).toThrow(
      'dilated',
    );
    expect(() => convert(input, convolution({ padding: { s: base64('EXPLICIT') } }))).toThrow(
      'EXPLICIT',
    );
    expect(() => convert(input, convolution({ data_format: { s: base64('NCHW') } }))).toThrow(
      'NHWC',
    );
    expect(() => convert(convolution({}))).toThrow('not computed');
  });
});
