import type { HazardCarrier, HazardId } from '../../core/hazard.ts';
import {
  applyLinear,
  type ClipHead,
  type HeadWeights,
  type LinearLayer,
  tensorOf,
  unusable,
  visual,
} from './head.ts';
import { lengthOf, relu, sigmoid } from './vectors.ts';

const HEADS = {
  sexual: 'sexual',
  violent: 'violence',
  disturbing: 'shocking',
  hateful: 'hate',
  political: 'political',
} as const satisfies Record<string, HazardId>;
type HeadLabel = keyof typeof HEADS;
const LABELS = Object.keys(HEADS) as HeadLabel[];

export const MULTI_HEADED_CLAIMS: readonly HazardCarrier[] = LABELS.map((label) =>
  visual(HEADS[label]),
);

/** PyTorch's default for batch normalisation. */
const EPSILON = 1e-5;

/**
 * The multi-headed safety classifier of Unsafe Diffusion: for each head a layer, ReLU, batch
 * normalisation, a layer, sigmoid. It was trained on the encoder's vectors as they come.
 */
export function createMultiHeadedHead(weights: HeadWeights): ClipHead {
  const heads = LABELS.map((label) => ({ label, run: readHead(weights, label) }));
  return {
    claims: MULTI_HEADED_CLAIMS,
    licence: 'no licence for the weights is known (Unsafe Diffusion, research code)',
    notes: ['Multi-headed: five heads on the vector as the encoder gives it.'],
    read(vector) {
      if (Math.abs(lengthOf(vector) - 1) < 1e-3) {
        throw new RangeError(
          'the encoder gives vectors of length 1, this head needs them as they are',
        );
      }
      const found = heads.map(({ label, run }) => ({ label, score: run(vector) }));
      return {
        scores: found.map(({ label, score }) => ({ ...visual(HEADS[label]), score })),
        labels: Object.fromEntries(found.map(({ label, score }) => [label, score])),
      };
    },
  };
}

/** Tensors are `<head>.<layer>.<name>`; which layer is which is read from their shapes. */
function readHead(weights: HeadWeights, label: string): (vector: Float32Array) => number {
  const layers = [...weights.keys()]
    .filter((name) => name.startsWith(`${label}.`) && name.endsWith('.weight'))
    .map((name) => name.slice(0, -'.weight'.length));
  const linear = layers.filter((name) => weights.get(`${name}.weight`)?.shape.length === 2);
  const last = linear.find((name) => weights.get(`${name}.weight`)?.shape[0] === 1);
  const first = linear.find((name) => name !== last);
  const normal = layers.find((name) => weights.has(`${name}.running_mean`));
  if (first === undefined || last === undefined || normal === undefined) {
    throw unusable(`the head ${label} needs two layers and a batch normalisation`);
  }
  const width = weights.get(`${first}.weight`)?.shape[0] ?? 0;
  const inner: LinearLayer = {
    weight: tensorOf(weights, `${first}.weight`, [width, null]),
    bias: tensorOf(weights, `${first}.bias`, [width]),
  };
  const outer: LinearLayer = {
    weight: tensorOf(weights, `${last}.weight`, [1, width]),
    bias: tensorOf(weights, `${last}.bias`, [1]),
  };
  const [gain, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
    (name) => tensorOf(weights, `${normal}.${name}`, [width]).values,
  );
  return (vector) => {
    const normalised = relu(applyLinear(inner, vector)).map(
      (value, index) =>
        ((value - (mean?.[index] ?? 0)) / Math.sqrt((variance?.[index] ?? 0) + EPSILON)) *
          (gain?.[index] ?? 0) +
        (shift?.[index] ?? 0),
    );
    return sigmoid(applyLinear(outer, normalised)[0] ?? Number.NaN);
  };
}
