import type { GreyPlane } from './grey-plane.ts';
import { shrinkPlane } from './grey-plane.ts';
import { findShapes, type Shape } from './letter-shapes.ts';
import type { TextSign } from './reader.ts';

/** Letters are looked for in pictures no longer than this; larger ones are scaled down first. */
const LONGEST_SIDE_PX = 1024;
/** Letters higher than the first look can see are looked for in a picture this much smaller. */
const SECOND_LOOK_FACTOR = 4;

function isLetterLike(shape: Shape, plane: GreyPlane): boolean {
  const { width, height, area } = shape;
  if (height < 6 || height > plane.heightPx * 0.6 || width > height * 3 || area < 10) return false;
  const fill = area / (width * height);
  // An i or an l fills its box; anything wider that does is a block, not a letter.
  return fill > 0.12 && (fill < 0.85 || width < height * 0.5);
}

/** Whether two shapes could be neighbours on one line of writing. */
function areNeighbours(a: Shape, b: Shape): boolean {
  const high = Math.max(a.height, b.height);
  const low = Math.min(a.height, b.height);
  if (low < high * 0.5) return false;
  const gap = b.left - (a.left + a.width);
  if (gap < -0.3 * high || gap > 0.9 * high) return false;
  const bottoms = Math.abs(a.top + a.height - (b.top + b.height));
  const tops = Math.abs(a.top - b.top);
  return Math.min(bottoms, tops) <= high * 0.22 && Math.max(bottoms, tops) <= high * 0.6;
}

function strokeWidth(shape: Shape): number {
  return shape.rim === 0 ? 0 : (2 * shape.area) / shape.rim;
}

/** The longest chain of letter-like neighbours with alike strokes. */
function longestLine(shapes: readonly Shape[], plane: GreyPlane): number {
  const letters = shapes
    .filter((shape) => isLetterLike(shape, plane))
    .sort((a, b) => a.left - b.left);
  const lengths = new Uint16Array(letters.length).fill(1);
  let longest = letters.length === 0 ? 0 : 1;
  letters.forEach((letter, index) => {
    for (let before = index - 1; before >= 0; before--) {
      const candidate = letters[before];
      if (candidate === undefined) break;
      if (letter.left - candidate.left > 4 * letter.height + candidate.width) break;
      if (!areNeighbours(candidate, letter)) continue;
      const [thin, thick] = [strokeWidth(candidate), strokeWidth(letter)].sort((a, b) => a - b);
      if ((thin ?? 0) < (thick ?? 0) * 0.5) continue;
      const length = (lengths[before] ?? 0) + 1;
      if (length > (lengths[index] ?? 0)) lengths[index] = length;
    }
    longest = Math.max(longest, lengths[index] ?? 0);
  });
  return longest;
}

/** Length of the longest line of letter-like shapes, over both looks and both polarities. */
export function measureLongestLine(plane: GreyPlane): number {
  const longestSide = Math.max(plane.widthPx, plane.heightPx);
  const first = shrinkPlane(plane, Math.ceil(longestSide / LONGEST_SIDE_PX));
  let longest = 0;
  for (const look of [first, shrinkPlane(first, SECOND_LOOK_FACTOR)]) {
    const { dark, light } = findShapes(look);
    longest = Math.max(longest, longestLine(dark, look), longestLine(light, look));
  }
  return longest;
}

/** Shapes in a line from which reading is worth its time. */
const WEAK_FROM = 3;
/** Shapes in a line from which there is text, whether it can be read or not. */
const STRONG_FROM = 6;

/**
 * Looks for lines of letter-like shapes in a cleaned plane. Pure pixels, a few tens of
 * milliseconds; what it misses is never read, so it errs towards `weak`.
 */
export function findTextSign(plane: GreyPlane): TextSign {
  const longest = measureLongestLine(plane);
  if (longest >= STRONG_FROM) return 'strong';
  return longest >= WEAK_FROM ? 'weak' : 'none';
}
