import {
  applyLinear,
  type ClipHead,
  checkWidth,
  type HeadWeights,
  type LinearLayer,
  tensorOf,
  visual,
} from './head.ts';
import { relu, sigmoid, toUnit } from './vectors.ts';

/** As LAION's own PyTorch code has it. */
const EPSILON = 1e-10;

/** LAION's CLIP-based NSFW detector. Names of the tensors: those of its `NSFWModel_L14`. */
export function createLaionHead(weights: HeadWeights): ClipHead {
  const layers: LinearLayer[] = [];
  let width: number | null = null;
  while (weights.has(`linear_${layers.length + 1}.weight`) || layers.length === 0) {
    const name = `linear_${layers.length + 1}`;
    const weight = tensorOf(weights, `${name}.weight`, [null, width]);
    width = weight.shape[0] ?? 0;
    layers.push({ weight, bias: tensorOf(weights, `${name}.bias`, [width]) });
  }
  tensorOf(weights, `linear_${layers.length}.weight`, [1, null]);
  const standardise = readStandardisation(weights, layers[0]?.weight.shape[1] ?? 0);
  return {
    claims: [visual('sexual')],
    licence: 'MIT (LAION CLIP-based NSFW detector)',
    notes: ['LAION’s head on the vector of length 1.'],
    read(vector) {
      let values: Float32Array = standardise(toUnit(vector));
      layers.forEach((layer, index) => {
        values = applyLinear(layer, values);
        if (index < layers.length - 1) values = relu(values);
      });
      const nsfw = sigmoid(values[0] ?? Number.NaN);
      return { scores: [{ ...visual('sexual'), score: nsfw }], labels: { nsfw } };
    },
  };
}

/** Weights without `norm` were folded into the first layer. */
function readStandardisation(
  weights: HeadWeights,
  width: number,
): (vector: Float32Array) => Float32Array {
  if (!weights.has('norm.mean')) return (vector) => vector;
  const mean = tensorOf(weights, 'norm.mean', [width]).values;
  const variance = tensorOf(weights, 'norm.variance', [width]).values;
  return (vector) => {
    checkWidth(vector, width);
    return vector.map(
      (value, index) =>
        (value - (mean[index] ?? 0)) / (Math.sqrt(variance[index] ?? Number.NaN) + EPSILON),
    );
  };
}
