import { mapFree } from './protected-text.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';

/** Replaces the letters a–z by others, in either case; everything else stays. */
export function substituteLetters(text: string, indexOf: (index: number) => number): string {
  return mapFree(text, undefined, (free) =>
    free.replace(/[a-z]/gi, (letter) => {
      const index = LOWER.indexOf(letter.toLowerCase());
      const other = LOWER[(indexOf(index) + LOWER.length) % LOWER.length] ?? letter;
      return letter === letter.toLowerCase() ? other : other.toUpperCase();
    }),
  );
}
