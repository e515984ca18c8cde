import { averageAreas, type Plane } from './area-average.ts';

const SIDE_PX = 32;
const BITS = 64;

/**
 * What half a grey level in a single one of the 1,024 cells amounts to. Less is dust of rounding:
 * a flat picture must not hash its noise.
 */
const SMALLEST_COEFFICIENT = 0.5;

/**
 * A 64-bit perceptual hash of luma (pHash): the picture at 32×32, its cosine transform, the 64
 * lowest frequencies without the mean, a bit for each that lies above their median. Scaling and
 * encoding again turn few bits, often none; compare with {@link hashDistance}.
 *
 * After Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), with
 * the frequencies in zigzag order, so that purely horizontal and vertical ones count.
 *
 * @returns 16 lower-case hexadecimal digits
 */
export function perceptualHash(luma: Plane): string {
  const small = averageAreas(luma, SIDE_PX, SIDE_PX).values;
  const coefficients = LOW_FREQUENCIES.map(([u, v]) => {
    const value = cosineCoefficient(small, u, v);
    return Math.abs(value) < SMALLEST_COEFFICIENT ? 0 : value;
  });
  const sorted = [...coefficients].sort((a, b) => a - b);
  const median = ((sorted[BITS / 2 - 1] ?? 0) + (sorted[BITS / 2] ?? 0)) / 2;
  const bits = coefficients.map((value) => (value > median ? '1' : '0')).join('');
  return BigInt(`0b${bits}`).toString(16).padStart(16, '0');
}

/** How many of the 64 bits differ. Unrelated pictures differ by about 32. */
export function hashDistance(a: string, b: string): number {
  let different = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  let count = 0;
  for (; different > 0n; different &= different - 1n) count++;
  return count;
}

/** Frequencies (across, down) from the lowest, without the mean. */
const LOW_FREQUENCIES: readonly (readonly [number, number])[] = zigzag(BITS);

const COSINES = Array.from({ length: SIDE_PX }, (_, frequency) =>
  Float64Array.from({ length: SIDE_PX }, (_, k) =>
    Math.cos(((2 * k + 1) * frequency * Math.PI) / (2 * SIDE_PX)),
  ),
);

function cosineCoefficient(values: Float32Array, u: number, v: number): number {
  const across = COSINES[u];
  const down = COSINES[v];
  if (across === undefined || down === undefined) throw new RangeError('frequency out of range');
  let sum = 0;
  for (let y = 0; y < SIDE_PX; y++) {
    let row = 0;
    for (let x = 0; x < SIDE_PX; x++) row += (values[y * SIDE_PX + x] ?? 0) * (across[x] ?? 0);
    sum += row * (down[y] ?? 0);
  }
  return sum;
}

function zigzag(count: number): (readonly [number, number])[] {
  const frequencies: (readonly [number, number])[] = [];
  for (let diagonal = 1; frequencies.length < count; diagonal++) {
    for (let u = 0; u <= diagonal && frequencies.length < count; u++) {
      frequencies.push(diagonal % 2 === 0 ? [u, diagonal - u] : [diagonal - u, u]);
    }
  }
  return frequencies;
}
