import type { HeadWeights } from '../../../src/detectors/clip/head.ts';
import type { WeightTensor } from '../../../src/detectors/clip/safetensors.ts';
import type { RgbImage } from '../../../src/media/media.ts';

/** The same as `numbers` in write-golden.py: -.5 to .5. */
export function numbers(seed: number, length: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  });
}

export function tensor(
  seed: number,
  shape: readonly number[],
  change: (value: number) => number = (value) => value,
): WeightTensor {
  const length = shape.reduce((product, side) => product * side, 1);
  // Rounded first, as PyTorch has it.
  const values = Float32Array.from(Float32Array.from(numbers(seed, length)), change);
  return { shape, values };
}

/** A layer under its name, as `linear` in write-golden.py. */
export function linear(
  name: string,
  seed: number,
  inputs: number,
  outputs: number,
): [string, WeightTensor][] {
  const gain = 4 / Math.sqrt(inputs);
  return [
    [`${name}.weight`, tensor(seed, [outputs, inputs], (value) => value * gain)],
    [`${name}.bias`, tensor(seed + 1, [outputs])],
  ];
}

export function laionWeights(): HeadWeights {
  const sides = [768, 64, 512, 256, 1];
  return new Map([
    ['norm.mean', tensor(10, [768], (value) => value / 50)],
    ['norm.variance', tensor(11, [768], (value) => (value + 0.6) / 500)],
    ...[0, 1, 2, 3].flatMap((index) =>
      linear(`linear_${index + 1}`, 20 + 2 * index, sides[index] ?? 0, sides[index + 1] ?? 0),
    ),
  ]);
}

export function q16Weights(): HeadWeights {
  return new Map([['prompts', tensor(40, [2, 768])]]);
}

export function multiHeadedWeights(): HeadWeights {
  return new Map(
    ['sexual', 'violent', 'disturbing', 'hateful', 'political'].flatMap((label, index) => {
      const seed = 60 + 10 * index;
      return [
        ...linear(`${label}.0`, seed, 768, 384),
        ...linear(`${label}.4`, seed + 2, 384, 1),
        [`${label}.3.weight`, tensor(seed + 4, [384], (value) => value + 1)],
        [`${label}.3.bias`, tensor(seed + 5, [384])],
        [`${label}.3.running_mean`, tensor(seed + 6, [384])],
        [`${label}.3.running_var`, tensor(seed + 7, [384], (value) => value + 0.6)],
      ] as [string, WeightTensor][];
    }),
  );
}

export function sdSafetyWeights(width = 16): HeadWeights {
  return new Map([
    ['concept_embeds', tensor(80, [17, width])],
    ['special_care_embeds', tensor(81, [3, width])],
    ['concept_embeds_weights', tensor(82, [17], (value) => value * 0.3 + 0.5)],
    ['special_care_embeds_weights', tensor(83, [3], (value) => value * 0.2 + 0.3)],
  ]);
}

/** What encoders would give, in the order of write-golden.py. */
export function goldenVectors(): Float32Array[] {
  return [0, 1, 2, 3].map((index) => tensor(500 + index, [768], (value) => value * 20).values);
}

export function formulaPicture(widthPx: number, heightPx: number): RgbImage {
  const rgb = Uint8Array.from(
    { length: widthPx * heightPx * 3 },
    (_, i) => (i * i * 7 + i * 13 + Math.floor(i / 5) * 31) % 256,
  );
  return { widthPx, heightPx, rgb };
}

/** Writes tensors as a safetensors file has them. */
export function writeSafetensors(weights: HeadWeights): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const parts: Buffer[] = [];
  let at = 0;
  for (const [name, { shape, values }] of weights) {
    const data = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => {
      data.writeFloatLE(value, index * 4);
    });
    header[name] = { dtype: 'F32', shape, data_offsets: [at, at + data.length] };
    at += data.length;
    parts.push(data);
  }
  const head = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...parts]);
}
