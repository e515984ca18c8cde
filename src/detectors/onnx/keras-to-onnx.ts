import { ClassifierGraph, INPUT_NAME } from './classifier-graph.ts';
import type { KerasLayer, KerasModel } from './keras-model.ts';
import { convolutionKernel, depthwiseKernel } from './kernel-layout.ts';
import type { OnnxAttribute, OnnxGraph } from './onnx-file.ts';
import type { NamedTensor } from './tfjs-weights.ts';

/**
 * Converts a Keras classifier in TensorFlow.js's layers format. Inside ONNX the layout is NCHW, so
 * the input is transposed once and kernels are laid out anew. Normalisations behind a convolution
 * stay layers of their own: the runtime folds them in.
 *
 * @throws Error naming the layer or setting that is not understood: a model is converted as a whole
 * or not at all.
 */
export function convertKerasModel(
  model: KerasModel,
  weights: ReadonlyMap<string, NamedTensor>,
  name: string,
): OnnxGraph {
  const conversion = new Conversion(weights);
  for (const layer of model.modelTopology.model_config.config.layers) conversion.add(layer);
  return conversion.finish(name);
}

class Conversion {
  readonly #weights: ReadonlyMap<string, NamedTensor>;
  readonly #graph = new ClassifierGraph();
  /** A layer → the value that it computes. */
  readonly #values = new Map<string, string>();
  #inputShape: (number | string)[] | undefined;
  #classes: number | undefined;

  constructor(weights: ReadonlyMap<string, NamedTensor>) {
    this.#weights = weights;
  }

  add(layer: KerasLayer): void {
    const { data_format: format, dilation_rate: dilation = [1, 1] } = layer.config;
    if (format !== undefined && format !== 'channels_last') throw new Error('expected NHWC');
    if (dilation.some((rate) => rate !== 1)) throw new Error('dilation is not understood');
    this.#values.set(layer.name, this.#convert(layer));
  }

  finish(name: string): OnnxGraph {
    return this.#graph.finish(name, this.#inputShape, this.#classes);
  }

  #convert(layer: KerasLayer): string {
    switch (layer.class_name) {
      case 'InputLayer':
        return this.#input(layer);
      case 'ZeroPadding2D':
        return this.#pad(layer);
      case 'Conv2D':
        return this.#convolution(layer, 'kernel', convolutionKernel);
      case 'DepthwiseConv2D':
        return this.#convolution(layer, 'depthwise_kernel', depthwiseKernel);
      case 'BatchNormalization':
        return this.#normalisation(layer);
      case 'ReLU':
        return this.#relu(layer);
      case 'Activation':
        return this.#activate(this.#value(layer, 0), layer.config.activation);
      case 'MaxPooling2D':
        return this.#pool(layer, 'MaxPool');
      case 'AveragePooling2D':
        return this.#pool(layer, 'AveragePool');
      case 'Add':
        return this.#graph.emit('Add', [this.#value(layer, 0), this.#value(layer, 1)]);
      case 'Concatenate':
        return this.#concatenate(layer);
      case 'Flatten':
        return this.#flatten(layer);
      case 'Dense':
        return this.#dense(layer);
      case 'Dropout':
        return this.#value(layer, 0);
      default:
        throw new Error(`the layer ${layer.class_name} is not understood`);
    }
  }

  #input({ config }: KerasLayer): string {
    const [batch, ...sizes] = config.batch_input_shape ?? [];
    const shape = sizes.map(Number);
    if (this.#inputShape !== undefined || batch !== null || shape.length !== 3) {
      throw new Error('expected one input of pictures in four dimensions');
    }
    this.#inputShape = ['batch', ...shape];
    return this.#graph.emit('Transpose', [INPUT_NAME], { perm: integers([0, 3, 1, 2]) });
  }

  #pad(layer: KerasLayer): string {
    const { padding } = layer.config;
    if (!Array.isArray(padding)) throw new Error('the padding is not understood');
    const [[above, below], [left, right]] = padding;
    const values = Int32Array.of(0, 0, above, left, 0, 0, below, right);
    return this.#graph.emit('Pad', [
      this.#value(layer, 0),
      this.#graph.initializer({ shape: [values.length], values }),
    ]);
  }

  #convolution(
    layer: KerasLayer,
    kernelName: string,
    layOut: (kernel: NamedTensor) => { tensor: NamedTensor; groups: number },
  ): string {
    const { tensor, groups } = layOut(this.#weight(layer, kernelName));
    const inputs = [this.#value(layer, 0), this.#graph.initializer(tensor)];
    if (layer.config.use_bias === true)
      inputs.push(this.#graph.initializer(this.#weight(layer, 'bias')));
    const attributes = { ...window(layer), group: { kind: 'integer', value: groups } } as const;
    return this.#activate(this.#graph.emit('Conv', inputs, attributes), layer.config.activation);
  }

  #normalisation(layer: KerasLayer): string {
    const { axis, epsilon = 1e-3 } = layer.config;
    if (axis !== -1 && axis !== 3) throw new Error('expected a normalisation over the channels');
    const mean = this.#weight(layer, 'moving_mean');
    const ones = { shape: mean.shape, values: new Float32Array(mean.values.length).fill(1) };
    const zeros = { shape: mean.shape, values: new Float32Array(mean.values.length) };
    return this.#graph.emit(
      'BatchNormalization',
      [
        this.#value(layer, 0),
        this.#graph.initializer(this.#weights.get(`${layer.name}/gamma`) ?? ones),
        this.#graph.initializer(this.#weights.get(`${layer.name}/beta`) ?? zeros),
        this.#graph.initializer(mean),
        this.#graph.initializer(this.#weight(layer, 'moving_variance')),
      ],
      { epsilon: { kind: 'float', value: epsilon } },
    );
  }

  #relu(layer: KerasLayer): string {
    const { max_value: most, negative_slope: slope, threshold } = layer.config;
    if ((slope ?? 0) !== 0 || (threshold ?? 0) !== 0) throw new Error('expected a plain ReLU');
    const value = this.#value(layer, 0);
    if (most === null || most === undefined) return this.#graph.emit('Relu', [value]);
    return this.#graph.emit('Clip', [value, this.#graph.scalar(0), this.#graph.scalar(most)]);
  }

  #activate(value: string, activation = 'linear'): string {
    switch (activation) {
      case 'linear':
        return value;
      case 'relu':
        return this.#graph.emit('Relu', [value]);
      case 'softmax':
        return this.#graph.emit('Softmax', [value], { axis: { kind: 'integer', value: 1 } });
      default:
        throw new Error(`the activation ${activation} is not understood`);
    }
  }

  #pool(layer: KerasLayer, operator: 'MaxPool' | 'AveragePool'): string {
    return this.#graph.emit(operator, [this.#value(layer, 0)], {
      ...window(layer),
      kernel_shape: integers(layer.config.pool_size ?? []),
    });
  }

  #concatenate(layer: KerasLayer): string {
    const { axis } = layer.config;
    if (axis !== -1 && axis !== 3) throw new Error('expected channels to be put together');
    const inputs = (layer.inbound_nodes[0] ?? []).map((_, index) => this.#value(layer, index));
    return this.#graph.emit('Concat', inputs, { axis: { kind: 'integer', value: 1 } });
  }

  /** Back to the order of channels in which the weights behind it were trained. */
  #flatten(layer: KerasLayer): string {
    const channelsLast = this.#graph.emit('Transpose', [this.#value(layer, 0)], {
      perm: integers([0, 2, 3, 1]),
    });
    return this.#graph.emit('Flatten', [channelsLast], { axis: { kind: 'integer', value: 1 } });
  }

  #dense(layer: KerasLayer): string {
    const matrix = this.#weight(layer, 'kernel');
    this.#classes = matrix.shape[1];
    const inputs = [this.#value(layer, 0), this.#graph.initializer(matrix)];
    if (layer.config.use_bias === true)
      inputs.push(this.#graph.initializer(this.#weight(layer, 'bias')));
    return this.#activate(this.#graph.emit('Gemm', inputs), layer.config.activation);
  }

  #value(layer: KerasLayer, index: number): string {
    const value = this.#values.get(layer.inbound_nodes[0]?.[index]?.[0] ?? '');
    if (value === undefined) throw new Error(`input ${index} of ${layer.name} is not computed`);
    return value;
  }

  #weight(layer: KerasLayer, name: string): NamedTensor {
    const weight = this.#weights.get(`${layer.name}/${name}`);
    if (weight === undefined) throw new Error(`${layer.name} has no ${name}`);
    return weight;
  }
}

/** Strides and padding of a convolution or a pooling. */
function window({ config }: KerasLayer): Record<string, OnnxAttribute> {
  const { padding, strides } = config;
  if (padding !== 'same' && padding !== 'valid') throw new Error('the padding is not understood');
  return {
    strides: integers(strides ?? []),
    // TensorFlow puts the odd pixel of "same" at the end, as SAME_UPPER does.
    auto_pad: { kind: 'string', value: padding === 'same' ? 'SAME_UPPER' : 'VALID' },
  };
}

function integers(value: readonly number[]): OnnxAttribute {
  return { kind: 'integers', value };
}
