import { ClassifierGraph, INPUT_NAME } from './classifier-graph.ts';
import { convolutionKernel, depthwiseKernel } from './kernel-layout.ts';
import type { OnnxAttribute, OnnxGraph } from './onnx-file.ts';
import {
  integersAttribute,
  stringAttribute,
  stringsAttribute,
  type TfjsModel,
  type TfjsNode,
} from './tfjs-model.ts';
import type { NamedTensor } from './tfjs-weights.ts';

/**
 * Converts the TensorFlow.js graph of a classifier: pictures in (NHWC), a row of values for each
 * out. Inside ONNX the layout is NCHW, so the input is transposed once, and kernels are laid out
 * anew.
 *
 * @throws Error naming the operation or setting that is not understood: a graph is converted as a
 * whole or not at all.
 */
export function convertTfjsGraph(
  model: TfjsModel,
  weights: ReadonlyMap<string, NamedTensor>,
  name: string,
): OnnxGraph {
  const conversion = new Conversion(weights);
  for (const node of model.modelTopology.node) conversion.add(node);
  return conversion.finish(name);
}

const ARITHMETIC = { Mul: 'Mul', Sub: 'Sub', AddV2: 'Add' } as const;

class Conversion {
  readonly #weights: ReadonlyMap<string, NamedTensor>;
  readonly #graph = new ClassifierGraph();
  /** TensorFlow's name of a computed value → ours, as theirs fill whole lines. */
  readonly #values = new Map<string, string>();
  #inputShape: (number | string)[] | undefined;
  #classes: number | undefined;

  constructor(weights: ReadonlyMap<string, NamedTensor>) {
    this.#weights = weights;
  }

  add(node: TfjsNode): void {
    if (node.op !== 'Const') this.#values.set(node.name, this.#convert(node));
  }

  finish(name: string): OnnxGraph {
    return this.#graph.finish(name, this.#inputShape, this.#classes);
  }

  #convert(node: TfjsNode): string {
    switch (node.op) {
      case 'Placeholder':
        return this.#input(node);
      case 'Mul':
      case 'Sub':
      case 'AddV2':
        return this.#graph.emit(ARITHMETIC[node.op], [
          this.#operand(node, 0),
          this.#operand(node, 1),
        ]);
      case '_FusedConv2D':
        return this.#convolution(node, convolutionKernel);
      case 'FusedDepthwiseConv2dNative':
        return this.#convolution(node, depthwiseKernel);
      case 'AvgPool':
        return this.#graph.emit('AveragePool', [this.#value(node, 0)], {
          ...window(node),
          kernel_shape: { kind: 'integers', value: spatial(node, 'ksize') },
        });
      case 'Squeeze':
        return this.#squeeze(node);
      case '_FusedMatMul':
        return this.#matrixProduct(node);
      case 'Softmax':
        return this.#graph.emit('Softmax', [this.#value(node, 0)], {
          axis: { kind: 'integer', value: 1 },
        });
      case 'Identity':
        return this.#value(node, 0);
      default:
        throw new Error(`the operation ${node.op} is not understood`);
    }
  }

  #input(node: TfjsNode): string {
    const shape = (node.attr.shape?.shape?.dim ?? []).map(({ size }) => Number(size));
    if (this.#inputShape !== undefined || shape.length !== 4 || shape[0] !== -1) {
      throw new Error('expected one input of pictures in four dimensions');
    }
    this.#inputShape = ['batch', ...shape.slice(1)];
    this.#values.set(node.name, INPUT_NAME);
    return this.#graph.emit('Transpose', [INPUT_NAME], {
      perm: { kind: 'integers', value: [0, 3, 1, 2] },
    });
  }

  #convolution(
    node: TfjsNode,
    layOut: (kernel: NamedTensor) => { tensor: NamedTensor; groups: number },
  ): string {
    if (integersAttribute(node, 'dilations').some((dilation) => dilation !== 1)) {
      throw new Error('dilated convolutions are not understood');
    }
    const { tensor, groups } = layOut(this.#weight(node, 1));
    const inputs = [
      this.#value(node, 0),
      this.#graph.initializer(tensor),
      this.#graph.initializer(this.#weight(node, 2)),
    ];
    const fused = stringsAttribute(node, 'fused_ops').join('+');
    const sum = this.#graph.emit('Conv', inputs, {
      ...window(node),
      group: { kind: 'integer', value: groups },
    });
    if (fused === 'BiasAdd') return sum;
    if (fused !== 'BiasAdd+Relu6') throw new Error(`the fusion ${fused} is not understood`);
    return this.#graph.emit('Clip', [sum, this.#graph.scalar(0), this.#graph.scalar(6)]);
  }

  #squeeze(node: TfjsNode): string {
    if (integersAttribute(node, 'squeeze_dims').join() !== '1,2') {
      throw new Error('only the spatial dimensions can be squeezed');
    }
    // Height and width, which are the last two in NCHW.
    const axes = this.#graph.initializer({ shape: [2], values: Int32Array.of(2, 3) });
    return this.#graph.emit('Squeeze', [this.#value(node, 0), axes]);
  }

  #matrixProduct(node: TfjsNode): string {
    const fused = stringsAttribute(node, 'fused_ops').join('+');
    if (fused !== 'BiasAdd' || node.attr.transpose_a?.b || node.attr.transpose_b?.b) {
      throw new Error('only a plain matrix product with a bias is understood');
    }
    const matrix = this.#weight(node, 1);
    this.#classes = matrix.shape[1];
    return this.#graph.emit('Gemm', [
      this.#value(node, 0),
      this.#graph.initializer(matrix),
      this.#graph.initializer(this.#weight(node, 2)),
    ]);
  }

  /** A value that another node computes, or a constant of one element: both layouts agree on it. */
  #operand(node: TfjsNode, index: number): string {
    const weight = this.#weights.get(node.input[index] ?? '');
    if (weight === undefined) return this.#value(node, index);
    if (weight.values.length !== 1) throw new Error('only one-element constants are understood');
    return this.#graph.initializer({ shape: [], values: weight.values });
  }

  #value(node: TfjsNode, index: number): string {
    const value = this.#values.get(node.input[index] ?? '');
    if (value === undefined) throw new Error(`input ${index} of ${node.op} is not computed`);
    return value;
  }

  #weight(node: TfjsNode, index: number): NamedTensor {
    const weight = this.#weights.get(node.input[index] ?? '');
    if (weight === undefined) throw new Error(`input ${index} of ${node.op} is not a weight`);
    return weight;
  }
}

/** Strides and padding of a convolution or a pooling. */
function window(node: TfjsNode): Record<string, OnnxAttribute> {
  const padding = stringAttribute(node, 'padding');
  if (stringAttribute(node, 'data_format') !== 'NHWC') throw new Error('expected NHWC');
  if (padding !== 'SAME' && padding !== 'VALID') {
    throw new Error(`the padding ${padding} is not understood`);
  }
  return {
    strides: { kind: 'integers', value: spatial(node, 'strides') },
    // TensorFlow puts the odd pixel of "SAME" at the end, as SAME_UPPER does.
    auto_pad: { kind: 'string', value: padding === 'SAME' ? 'SAME_UPPER' : 'VALID' },
  };
}

/** Height and width of an attribute with a value for each dimension of NHWC. */
function spatial(node: TfjsNode, name: string): number[] {
  const [batch, height, width, channels] = integersAttribute(node, name);
  if (batch !== 1 || channels !== 1 || height === undefined || width === undefined) {
    throw new Error(`${name} must be spatial`);
  }
  return [height, width];
}
