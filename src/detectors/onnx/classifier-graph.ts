import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from './onnx-file.ts';
import type { NamedTensor } from './tfjs-weights.ts';

/** What a converted model is called at its two ends. */
export const INPUT_NAME = 'input';
export const OUTPUT_NAME = 'output';

/** Collects the nodes and weights of a converted classifier: pictures in, a row of values for each out. */
export class ClassifierGraph {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxTensor[] = [];

  /** @returns the name of the value that the node computes. */
  emit(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = `${operator.toLowerCase()}_${this.#nodes.length}`;
    this.#nodes.push({ operator, inputs, output, attributes });
    return output;
  }

  /** @returns the name of the weight. */
  initializer({ shape, values }: NamedTensor): string {
    const name = `weight_${this.#initializers.length}`;
    const plain = values instanceof Float32Array ? values : [...values];
    this.#initializers.push({ name, shape, values: plain });
    return name;
  }

  scalar(value: number): string {
    return this.initializer({ shape: [], values: Float32Array.of(value) });
  }

  /**
   * The graph, whose last node gives the classes.
   *
   * @throws Error where there was no input, no node or nothing that tells how many classes there are.
   */
  finish(
    name: string,
    inputShape: readonly (number | string)[] | undefined,
    classes: number | undefined,
  ): OnnxGraph {
    const last = this.#nodes.at(-1);
    if (inputShape === undefined || last === undefined || classes === undefined) {
      throw new Error('the model has no input, no operation or no classes');
    }
    return {
      name,
      inputs: [{ name: INPUT_NAME, shape: [...inputShape] }],
      outputs: [{ name: OUTPUT_NAME, shape: ['batch', classes] }],
      nodes: [...this.#nodes.slice(0, -1), { ...last, output: OUTPUT_NAME }],
      initializers: this.#initializers,
    };
  }
}
