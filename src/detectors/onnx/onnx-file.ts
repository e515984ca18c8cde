import { ProtobufWriter } from './protobuf-writer.ts';

/** The parts of an ONNX model that Safelight writes. Field numbers are those of onnx.proto. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
}

/** An input or output. A dimension is a length, or a name where it is free. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  /** Default float32. */
  readonly type?: 'float32' | 'int64';
}

export interface OnnxNode {
  /** Such as `Conv`. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'integers'; readonly value: readonly number[] }
  | { readonly kind: 'string'; readonly value: string };

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. Integers are written as int64. */
  readonly values: Float32Array | readonly number[];
}

/** Operator set 13 is the first in which Squeeze takes its axes as an input. */
const OPERATOR_SET = 13;
const IR_VERSION = 7;
const FLOAT = 1;
const INT64 = 7;

/** Writes a model. Equal graphs give equal bytes. */
export function writeOnnxModel(graph: OnnxGraph, producer: string): Uint8Array {
  return new ProtobufWriter()
    .integer(1, IR_VERSION)
    .string(2, producer)
    .message(7, graphMessage(graph))
    .message(8, new ProtobufWriter().string(1, '').integer(2, OPERATOR_SET))
    .finish();
}

function graphMessage(graph: OnnxGraph): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const node of graph.nodes) message.message(1, nodeMessage(node));
  message.string(2, graph.name);
  for (const tensor of graph.initializers) message.message(5, tensorMessage(tensor));
  for (const input of graph.inputs) message.message(11, valueMessage(input));
  for (const output of graph.outputs) message.message(12, valueMessage(output));
  return message;
}

function nodeMessage(node: OnnxNode): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const input of node.inputs) message.string(1, input);
  message.string(2, node.output).string(3, node.output).string(4, node.operator);
  for (const [name, attribute] of Object.entries(node.attributes ?? {})) {
    message.message(5, attributeMessage(name, attribute));
  }
  return message;
}

function attributeMessage(name: string, attribute: OnnxAttribute): ProtobufWriter {
  const message = new ProtobufWriter().string(1, name);
  switch (attribute.kind) {
    case 'float':
      return message.float(2, attribute.value).integer(20, 1);
    case 'integer':
      return message.integer(3, attribute.value).integer(20, 2);
    case 'string':
      return message.string(4, attribute.value).integer(20, 3);
    case 'integers':
      for (const value of attribute.value) message.integer(8, value);
      return message.integer(20, 7);
  }
}

function tensorMessage(tensor: OnnxTensor): ProtobufWriter {
  const message = new ProtobufWriter();
  for (const length of tensor.shape) message.integer(1, length);
  const isFloat = tensor.values instanceof Float32Array;
  return message
    .integer(2, isFloat ? FLOAT : INT64)
    .string(8, tensor.name)
    .bytes(9, littleEndianBytes(tensor.values));
}

function littleEndianBytes(values: OnnxTensor['values']): Uint8Array {
  const width = values instanceof Float32Array ? 4 : 8;
  const view = new DataView(new ArrayBuffer(values.length * width));
  values.forEach((value, index) => {
    if (values instanceof Float32Array) view.setFloat32(index * width, value, true);
    else view.setBigInt64(index * width, BigInt(value), true);
  });
  return new Uint8Array(view.buffer);
}

function valueMessage(value: OnnxValue): ProtobufWriter {
  const shape = new ProtobufWriter();
  for (const dimension of value.shape) {
    const message = new ProtobufWriter();
    shape.message(
      1,
      typeof dimension === 'number' ? message.integer(1, dimension) : message.string(2, dimension),
    );
  }
  const tensorType = new ProtobufWriter()
    .integer(1, value.type === 'int64' ? INT64 : FLOAT)
    .message(2, shape);
  return new ProtobufWriter()
    .string(1, value.name)
    .message(2, new ProtobufWriter().message(1, tensorType));
}
