import { skeleton } from './fold-text.ts';
import {
  ALWAYS_STOPPED,
  AMOROUS,
  MINOR,
  PERHAPS_MINOR,
  SETTING,
  SEXUAL,
  SUGGESTIVE,
} from './minors-guard-words.ts';

/** What a word tells, as bits. */
export const FLAG = {
  stopped: 1,
  minor: 2,
  perhapsMinor: 4,
  sexual: 8,
  suggestive: 16,
  amorous: 32,
  setting: 64,
} as const;

export interface LexiconFindings {
  /** Union of {@link FLAG}. */
  readonly flags: number;
  /** Beginnings of the suggestive and of the amorous words, so that forms of one word count once. */
  readonly suggestive: ReadonlySet<string>;
  readonly amorous: ReadonlySet<string>;
}

export interface Lexicon {
  /** @param tokens lower-case words, still with digits and signs. */
  scan(tokens: readonly string[]): LexiconFindings;
}

const LONGEST_WORD = 20;
/** Words are glued of known words only up to this length; beyond it, any known word inside counts. */
const LONGEST_GLUED = 32;
/** Two ordinary words that make a listed one. */
const INNOCENT_JOINS = new Set(['pen is']);

/** Builds the table of words. */
export function createLexicon(): Lexicon {
  const exact = new Map<string, number>();
  const stems = new Map<string, number>();
  const openings = new Set<string>();
  const add = (list: readonly string[], flag: number): void => {
    for (const word of list) {
      const isStem = word.endsWith('*');
      const key = skeleton(isStem ? word.slice(0, -1) : word);
      const table = isStem ? stems : exact;
      table.set(key, (table.get(key) ?? 0) | flag);
      openings.add(key.slice(0, 2));
    }
  };
  add(ALWAYS_STOPPED, FLAG.stopped);
  add(MINOR, FLAG.minor);
  add(PERHAPS_MINOR, FLAG.perhapsMinor);
  add(SEXUAL, FLAG.sexual);
  add(SUGGESTIVE, FLAG.suggestive);
  add(AMOROUS, FLAG.amorous);
  add(SETTING, FLAG.setting);
  const stemLengths = [...new Set([...stems.keys()].map((stem) => stem.length))];
  const byLength = groupByLength(exact);

  /** One word in its skeleton, plural or stem. */
  const lookUp = (word: string): number => {
    if (!openings.has(word.slice(0, 2))) return 0;
    const direct = exact.get(word);
    if (direct !== undefined) return direct;
    const last = word.at(-1);
    if (last === 's' || last === 'z') {
      const single = exact.get(word.slice(0, -1));
      if (single !== undefined && word.length > 3) return single;
    }
    for (const length of stemLengths) {
      if (length > word.length) continue;
      const stem = stems.get(word.slice(0, length));
      if (stem !== undefined) return stem;
    }
    return 0;
  };

  const wildcard = (word: string): number => {
    const letters = word.replace(/[*#]/g, '').length;
    if (letters < 2 || letters * 2 < word.length) return 0;
    let flags = 0;
    for (const [candidate, flag] of byLength.get(word.length) ?? []) {
      if (matchesWildcard(word, candidate)) flags |= flag;
    }
    return flags;
  };

  /** Known words glued together without anything between them. */
  const glued = (word: string): number => {
    if (word.length < 6) return 0;
    if (word.length > LONGEST_GLUED) return inside(word, 4);
    // reach[i] holds the flags of a way to spell the first i letters, -1 where there is none.
    const reach = new Array<number>(word.length + 1).fill(-1);
    reach[0] = 0;
    for (let start = 0; start + 3 <= word.length; start += 1) {
      const flags = reach[start] ?? -1;
      if (flags < 0 || !openings.has(word.slice(start, start + 2))) continue;
      const furthest = Math.min(word.length, start + LONGEST_WORD);
      for (let end = start + 3; end <= furthest; end += 1) {
        const known = exact.get(word.slice(start, end)) ?? 0;
        if (known === 0) continue;
        reach[end] = Math.max(0, reach[end] ?? 0) | flags | known;
        if (word[end] === 's') reach[end + 1] = Math.max(0, reach[end + 1] ?? 0) | flags | known;
      }
    }
    return Math.max(0, reach[word.length] ?? 0);
  };

  /** Any known word of at least `shortest` letters anywhere inside. */
  const inside = (text: string, shortest: number): number => {
    let flags = 0;
    for (let start = 0; start + shortest <= text.length; start += 1) {
      if (!openings.has(text.slice(start, start + 2))) continue;
      const furthest = Math.min(text.length, start + LONGEST_WORD);
      for (let end = start + shortest; end <= furthest; end += 1) {
        flags |= exact.get(text.slice(start, end)) ?? 0;
      }
    }
    return flags;
  };

  const read = (token: string): number => {
    if (/[*#]/.test(token)) return wildcard(skeleton(trimSigns(token)));
    const word = /^[0-9]+$/.test(token) ? token : skeleton(trimSigns(token));
    const bare = token.replace(SIGNS, '');
    let flags =
      lookUp(word) | (bare === token ? 0 : lookUp(skeleton(token)) | lookUp(skeleton(bare)));
    if (flags === 0 && /(.)\1\1/.test(word)) {
      flags = lookUp(word.replace(/(.)\1{2,}/g, '$1')) | lookUp(word.replace(/(.)\1{2,}/g, '$1$1'));
    }
    return flags === 0 ? glued(word) : flags;
  };

  return {
    scan(tokens) {
      let flags = 0;
      const suggestive = new Set<string>();
      const amorous = new Set<string>();
      let run = '';
      for (let index = 0; index < tokens.length; index += 1) {
        const token = tokens[index] ?? '';
        const own = read(token);
        if ((own & FLAG.suggestive) !== 0) suggestive.add(token.slice(0, 3));
        if ((own & FLAG.amorous) !== 0) amorous.add(token.slice(0, 3));
        flags |= own;
        // Letters with something between each of them.
        if (token.length === 1) {
          run += skeleton(token);
          if (run.length >= 3 && tokens[index + 1]?.length !== 1) flags |= inside(run, 3);
          continue;
        }
        if (run.length > 0 && run.length < 3) flags |= joined(run, token);
        run = '';
        flags |= joinedWith(tokens, index);
      }
      return { flags, suggestive, amorous };
    },
  };

  function joined(left: string, right: string): number {
    const word = skeleton(left + right);
    return word.length >= 5 && !INNOCENT_JOINS.has(`${left} ${right}`) ? (exact.get(word) ?? 0) : 0;
  }

  /** A word parted into two or three pieces. */
  function joinedWith(tokens: readonly string[], index: number): number {
    const first = tokens[index] ?? '';
    const second = tokens[index + 1] ?? '';
    const third = tokens[index + 2] ?? '';
    if (first.length > 8 || second === '' || second.length > 8) return 0;
    const two = joined(first, second);
    return two !== 0 || third === '' || third.length > 8 ? two : joined(first + second, third);
  }
}

function groupByLength(words: ReadonlyMap<string, number>): Map<number, [string, number][]> {
  const groups = new Map<number, [string, number][]>();
  for (const entry of words) {
    const group = groups.get(entry[0].length);
    if (group === undefined) groups.set(entry[0].length, [entry]);
    else group.push(entry);
  }
  return groups;
}

function matchesWildcard(pattern: string, word: string): boolean {
  for (let index = 0; index < word.length; index += 1) {
    const sign = pattern[index];
    if (sign !== '*' && sign !== '#' && sign !== word[index]) return false;
  }
  return true;
}

const SIGNS = /[!|+*#$@]/g;

/** Signs at either end are punctuation. */
function trimSigns(token: string): string {
  return token.replace(/^[!|+*#$@]+|[!|+*#$@]+$/g, '');
}
