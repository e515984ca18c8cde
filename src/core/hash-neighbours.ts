/** How many of the 64 bits of two perceptual hashes may differ in one picture that was encoded anew. */
export const SAME_PICTURE_DISTANCE = 6;

/** Something with a perceptual hash of 16 hexadecimal digits. */
interface Hashed {
  readonly hash: string;
}

const PARTS = 4;
/** Each part is also looked up with any one of its bits turned: 4 parts find up to 7 of 64 bits. */
const PART_BITS = 16;

/**
 * Groups things whose hashes differ in at most {@link SAME_PICTURE_DISTANCE} bits, and things that a
 * chain of such neighbours joins. The order of the things does not matter. Each is compared only with
 * those that share a part of its hash but for one bit, so the time grows with their number.
 *
 * @param mayJoin what else has to hold of two neighbours
 * @returns the groups of two and more
 */
export function groupNeighbours<T extends Hashed>(
  things: readonly T[],
  mayJoin: (a: T, b: T) => boolean,
): T[][] {
  const parents = things.map((_, index) => index);
  const rootOf = (index: number): number => {
    let at = index;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] ?? at] ?? at;
      at = parents[at] ?? at;
    }
    return at;
  };
  const buckets = new Map<number, number[]>();
  things.forEach((thing, index) => {
    const bits = bitsOf(thing.hash);
    const compared = new Set<number>();
    partsOf(bits).forEach((part, at) => {
      for (let turned = -1; turned < PART_BITS; turned++) {
        const looked = turned < 0 ? part : part ^ (1 << turned);
        for (const other of buckets.get(at * 65_536 + looked) ?? []) {
          if (compared.has(other)) continue;
          compared.add(other);
          const neighbour = things[other];
          if (neighbour === undefined || rootOf(other) === rootOf(index)) continue;
          if (distanceOf(bits, bitsOf(neighbour.hash)) > SAME_PICTURE_DISTANCE) continue;
          if (mayJoin(thing, neighbour)) parents[rootOf(index)] = rootOf(other);
        }
      }
    });
    partsOf(bits).forEach((part, at) => {
      const key = at * 65_536 + part;
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [index]);
      else bucket.push(index);
    });
  });
  const groups = new Map<number, T[]>();
  things.forEach((thing, index) => {
    const root = rootOf(index);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [thing]);
    else group.push(thing);
  });
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Whether two hashes may be of one picture. */
export function isSamePicture(a: string, b: string): boolean {
  return distanceOf(bitsOf(a), bitsOf(b)) <= SAME_PICTURE_DISTANCE;
}

type Bits = readonly [high: number, low: number];

function bitsOf(hash: string): Bits {
  return [Number.parseInt(hash.slice(0, 8), 16), Number.parseInt(hash.slice(8), 16)];
}

/** Every fourth bit: each part holds low and high frequencies, so that smooth pictures part too. */
function partsOf([high, low]: Bits): number[] {
  return Array.from({ length: PARTS }, (_, part) => (gather(high, part) << 8) | gather(low, part));
}

function gather(word: number, part: number): number {
  let bits = 0;
  for (let at = part; at < 32; at += PARTS) bits = (bits << 1) | ((word >>> at) & 1);
  return bits;
}

function distanceOf(a: Bits, b: Bits): number {
  return countBits(a[0] ^ b[0]) + countBits(a[1] ^ b[1]);
}

function countBits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}
