import type { Box } from '../../core/finding.ts';
import { ribAt } from '../ocr/arc-strip.ts';
import type { ReadWord } from '../ocr/reader.ts';
import type { Point, ReadCharacter, TextLine } from './text-line.ts';

/** Cuts a line into its words, each with the box around its part of the line. */
export function splitWords(line: TextLine): ReadWord[] {
  const words: ReadCharacter[][] = [[]];
  for (const character of line.characters) {
    if (character.text.trim() === '') words.push([]);
    else words.at(-1)?.push(character);
  }
  return words
    .filter((characters) => characters.length > 0)
    .map((characters) => {
      const sum = characters.reduce((total, { probability }) => total + probability, 0);
      return {
        text: characters.map(({ text }) => text).join(''),
        confidence: Math.min(1, Math.max(0, sum / characters.length)),
        box: boxAlong(line, characters),
      };
    });
}

function boxAlong(line: TextLine, characters: readonly ReadCharacter[]): Box {
  const { positions, half } = measure(line, characters);
  const from = Math.max(0, (positions[0] ?? 0) - half);
  const to = Math.min(1, (positions.at(-1) ?? 1) + half);
  // On an arc the middle may stand out further than both ends.
  const shares = line.ribs === undefined ? [from, to] : [from, (from + to) / 2, to];
  const corners = shares.flatMap((share) => pointAt(line, share));
  const xs = corners.map(({ x }) => x);
  const ys = corners.map(({ y }) => y);
  const leftPx = Math.min(...xs);
  const topPx = Math.min(...ys);
  return { leftPx, topPx, widthPx: Math.max(...xs) - leftPx, heightPx: Math.max(...ys) - topPx };
}

/** Where the characters stand, and half the usual distance between two of the line. */
function measure(line: TextLine, characters: readonly ReadCharacter[]) {
  const all = line.characters.map(({ position }) => position);
  const reach = (all.at(-1) ?? 1) - (all[0] ?? 0);
  const half = all.length < 2 ? 0.5 : reach / (all.length - 1) / 2;
  return { positions: characters.map(({ position }) => position), half };
}

/** The two points of the line's rims at a share of its length in reading direction. */
function pointAt({ quad, ribs, turn }: TextLine, share: number): [Point, Point] {
  const [a, b, c, d] = quad;
  const along = turn.upsideDown ? 1 - share : share;
  if (ribs !== undefined) return [...ribAt(ribs, along)];
  return turn.upright
    ? [between(a, d, along), between(b, c, along)]
    : [between(a, b, along), between(d, c, along)];
}

function between(from: Point, to: Point, share: number): Point {
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
