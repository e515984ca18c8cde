import type { Prompt } from '../core/prompt.ts';

/*
 * MinHash over character shingles with banded buckets (Broder 1997; Leskovec, Rajaraman and Ullman,
 * Mining of Massive Datasets, chapter 3): texts that share most of their shingles fall into a common
 * bucket with near certainty, others hardly ever, and no pair of texts is compared that shares none.
 */

const SHINGLE_LENGTH = 4;
const BANDS = 12;
const ROWS = 5;
const HASHES = BANDS * ROWS;
/** Share of equal hashes, an estimate of the Jaccard index, from which two texts are nearly alike. */
export const NEAR_SHARE = 0.8;

/** Where a text stands. */
interface Place {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** What tells a near duplicate from a twin. */
type Kin = Pick<Prompt, 'family' | 'intent' | 'augmentations'>;

interface KnownText extends Place {
  readonly signature: Uint32Array;
  readonly prompt: Kin;
}

export interface NearDuplicates {
  /**
   * @returns where an earlier text stands that is nearly this one, and is neither its twin of
   * another intent nor a disguise of the same prompt.
   */
  add(text: string, prompt: Kin, place: Place): (Place & { readonly family: string }) | undefined;
}

/** Holds a signature of 240 bytes for each text. Deterministic. */
export function createNearDuplicates(): NearDuplicates {
  const buckets = new Map<string, number[]>();
  const known: KnownText[] = [];
  return {
    add(text, { family, intent, augmentations }, { file, line }) {
      const prompt = { family, intent, augmentations };
      const signature = signatureOf(text);
      const seen = new Set<number>();
      let twin: KnownText | undefined;
      for (let band = 0; band < BANDS; band += 1) {
        const key = `${band} ${signature.subarray(band * ROWS, (band + 1) * ROWS).join(' ')}`;
        const bucket = buckets.get(key);
        if (bucket === undefined) {
          buckets.set(key, [known.length]);
          continue;
        }
        for (const index of bucket) {
          const other = known[index];
          if (twin !== undefined || other === undefined || seen.has(index)) continue;
          seen.add(index);
          if (mayNotBeAlike(prompt, other.prompt) && isNear(signature, other.signature)) {
            twin = other;
          }
        }
        // A full bucket is boilerplate: its first texts stand for the rest.
        if (bucket.length < BUCKET_LIMIT) bucket.push(known.length);
      }
      known.push({ signature, prompt, file, line });
      return twin === undefined
        ? undefined
        : { file: twin.file, line: twin.line, family: twin.prompt.family };
    },
  };
}

/** Twins are meant to be near, and so are disguises of one prompt; all others are not. */
function mayNotBeAlike(a: Kin, b: Kin): boolean {
  if (a.family !== b.family) return true;
  return a.intent === b.intent && a.augmentations === undefined && b.augmentations === undefined;
}

function isNear(a: Uint32Array, b: Uint32Array): boolean {
  return shareOf(a, b) >= NEAR_SHARE;
}

const BUCKET_LIMIT = 32;

function signatureOf(text: string): Uint32Array {
  const signature = new Uint32Array(HASHES).fill(0xffffffff);
  const last = Math.max(0, text.length - SHINGLE_LENGTH);
  for (let start = 0; start <= last; start += 1) {
    let hash = 0x811c9dc5;
    for (let at = start; at < start + SHINGLE_LENGTH; at += 1) {
      hash = Math.imul(hash ^ (at < text.length ? text.charCodeAt(at) : 0), 0x01000193);
    }
    for (let index = 0; index < HASHES; index += 1) {
      const value = mix(hash, index);
      if (value < (signature[index] ?? 0)) signature[index] = value;
    }
  }
  return signature;
}

/** One of many hash functions: a multiply and xor-shift finaliser seeded by the index. */
function mix(hash: number, index: number): number {
  let value = hash ^ Math.imul(index + 1, 0x9e3779b1);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function shareOf(a: Uint32Array, b: Uint32Array): number {
  let equal = 0;
  for (let index = 0; index < HASHES; index += 1) if (a[index] === b[index]) equal += 1;
  return equal / HASHES;
}
