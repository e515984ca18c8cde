import { SafelightError } from '../../core/errors.ts';
import type { HazardScore } from '../../core/finding.ts';
import type { HazardCarrier, HazardId } from '../../core/hazard.ts';
import type { WeightTensor } from './safetensors.ts';
import { dot } from './vectors.ts';

/** What a head makes of a picture's vector. */
export interface HeadReading {
  readonly scores: readonly HazardScore[];
  readonly labels: Readonly<Record<string, number>>;
}

/** A small model behind CLIP's picture encoder. */
export interface ClipHead {
  readonly claims: readonly HazardCarrier[];
  readonly licence: string;
  readonly notes: readonly string[];
  /** Where its authors say that its score flags. */
  readonly threshold?: number;
  /** @param vector as the encoder gives it, not of length 1. Pure. */
  read(vector: Float32Array): HeadReading;
}

export type HeadWeights = ReadonlyMap<string, WeightTensor>;

export function visual(hazard: HazardId): HazardCarrier {
  return { hazard, carrier: 'visual' };
}

/**
 * A tensor of a head's weights.
 *
 * @param shape null for a length that is not fixed.
 * @throws SafelightError `weights_damaged`.
 */
export function tensorOf(
  weights: HeadWeights,
  name: string,
  shape: readonly (number | null)[],
): WeightTensor {
  const tensor = weights.get(name);
  const wanted = `[${shape.map((side) => side ?? 'any').join(', ')}]`;
  if (tensor === undefined) throw unusable(`there is no ${name} of shape ${wanted}`);
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((side, index) => side === null || side === tensor.shape[index]);
  if (!fits) throw unusable(`${name} is of shape [${tensor.shape.join(', ')}], not ${wanted}`);
  return tensor;
}

export function unusable(problem: string): SafelightError {
  return new SafelightError(`the weights of the head cannot be used: ${problem}`, {
    code: 'weights_damaged',
    kind: 'configuration',
    hint: 'docs/detectors.md says which tensors each head needs.',
  });
}

export interface LinearLayer {
  readonly weight: WeightTensor;
  readonly bias: WeightTensor;
}

/** @throws RangeError where the vector is not as wide as the layer: it is of another encoder. */
export function applyLinear({ weight, bias }: LinearLayer, input: Float32Array): Float32Array {
  const [rows = 0, columns = 0] = weight.shape;
  checkWidth(input, columns);
  return Float32Array.from(
    { length: rows },
    (_, row) =>
      dot(weight.values.subarray(row * columns, (row + 1) * columns), input) +
      (bias.values[row] ?? 0),
  );
}

export function checkWidth(vector: Float32Array, width: number): void {
  if (vector.length !== width) {
    throw new RangeError(`the encoder gives ${vector.length} values, the head reads ${width}`);
  }
}
