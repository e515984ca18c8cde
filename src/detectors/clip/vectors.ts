/** Of length 1. @throws RangeError for a vector without a direction: it says nothing. */
export function toUnit(vector: Float32Array): Float32Array {
  const length = lengthOf(vector);
  if (!(length > 0 && Number.isFinite(length))) {
    throw new RangeError('the encoder gave a vector without a direction');
  }
  return vector.map((value) => value / length);
}

export function lengthOf(vector: Float32Array): number {
  return Math.sqrt(dot(vector, vector));
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] ?? 0) * (b[index] ?? 0);
  return sum;
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

export function relu(values: Float32Array): Float32Array {
  return values.map((value) => Math.max(0, value));
}

/** The factor of CLIP's cosines before a softmax, which its training ended with. */
const LOGIT_SCALE = 100;

/** Of the cosines between a picture and texts. */
export function softmaxOfCosines(cosines: readonly number[]): number[] {
  const largest = Math.max(...cosines);
  const powers = cosines.map((cosine) => Math.exp(LOGIT_SCALE * (cosine - largest)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
