import type { Random } from '../core/seeded-random.ts';
import type { RgbImage } from '../media/media.ts';

export interface PixelSearch {
  readonly norm: 'linf' | 'l2';
  /** In levels of 0–255: of each value for `linf`, of the whole picture for `l2`. */
  readonly epsilon: number;
  readonly budget: number;
  /** Which way the score has to go for the decision to turn. */
  readonly towards: 'lower' | 'higher';
}

/** A square of an l2 search changes each value by this much at least, before others join it. */
const L2_LEVELS_MIN = 8;

/** What the filter says of a candidate; undefined ends nothing and rewards nothing. */
export type AskScore = (
  image: RgbImage,
) => Promise<{ readonly turned: boolean; readonly score: number } | undefined>;

/**
 * Random search by squares: a candidate changes one square to the bound in a random direction for each
 * channel, and is kept where the score moves the right way. The squares shrink as the budget is used.
 * Every candidate lies within the bound, after rounding too. For `l2` the squares
 * together are scaled to the sphere.
 *
 * @see Andriushchenko et al. (2020), arXiv 1912.00049, whose idea it follows.
 */
export async function searchPixels(
  image: RgbImage,
  search: PixelSearch,
  random: Random,
  ask: AskScore,
): Promise<{ readonly turned: boolean; readonly queries: number }> {
  const { widthPx, heightPx } = image;
  let delta = new Float32Array(image.rgb.length);
  let best = search.towards === 'lower' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  let queries = 0;
  if (search.norm === 'linf') fillStripes(delta, widthPx, search.epsilon, random);
  let candidate = delta;
  while (queries < search.budget) {
    const answer = await ask(withDelta(image, candidate, search));
    queries += 1;
    if (answer?.turned === true) return { turned: true, queries };
    if (answer !== undefined) {
      const better = search.towards === 'lower' ? answer.score < best : answer.score > best;
      if (better) {
        best = answer.score;
        delta = candidate;
      }
    }
    const share = 0.5 * (1 - queries / search.budget) + 0.05;
    candidate = changeSquare(delta, widthPx, heightPx, share, search, random);
  }
  return { turned: false, queries };
}

/** One sign for each column and channel: where such a search begins. */
function fillStripes(delta: Float32Array, widthPx: number, epsilon: number, random: Random): void {
  const row = Float32Array.from({ length: widthPx * 3 }, () =>
    random.chance(0.5) ? epsilon : -epsilon,
  );
  for (let at = 0; at < delta.length; at += row.length) delta.set(row, at);
}

function changeSquare(
  delta: Float32Array,
  widthPx: number,
  heightPx: number,
  share: number,
  { norm, epsilon }: PixelSearch,
  random: Random,
): Float32Array<ArrayBuffer> {
  const changed = Float32Array.from(delta);
  const widest = Math.min(widthPx, heightPx) * share;
  // Spread wider than this, the length of an l2 bound would round to nothing.
  const reach = norm === 'l2' ? epsilon / (L2_LEVELS_MIN * Math.sqrt(3)) : widest;
  const side = Math.max(1, Math.floor(Math.min(widest, reach)));
  const size = norm === 'l2' ? Math.min(255, epsilon / Math.sqrt(3 * side * side)) : epsilon;
  const left = random.integer(0, widthPx - side);
  const top = random.integer(0, heightPx - side);
  const values = [0, 1, 2].map(() => (random.chance(0.5) ? size : -size));
  for (let y = top; y < top + side; y += 1) {
    for (let x = left; x < left + side; x += 1) {
      const at = (y * widthPx + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) changed[at + channel] = values[channel] ?? 0;
    }
  }
  return changed;
}

/** Rounded towards the original, so that the bound holds for the pixels that are shown. */
function withDelta(image: RgbImage, delta: Float32Array, { norm, epsilon }: PixelSearch): RgbImage {
  const length =
    norm === 'l2' ? Math.sqrt(delta.reduce((sum, value) => sum + value * value, 0)) : 0;
  const scale = length > epsilon && norm === 'l2' ? epsilon / length : 1;
  const rgb = new Uint8Array(image.rgb.length);
  for (let at = 0; at < rgb.length; at += 1) {
    const step = Math.trunc((delta[at] ?? 0) * scale);
    rgb[at] = Math.min(255, Math.max(0, (image.rgb[at] ?? 0) + step));
  }
  return { widthPx: image.widthPx, heightPx: image.heightPx, rgb };
}
