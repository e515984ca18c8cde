import type { Point, TextLine } from './text-line.ts';

/** From the first to the last character, as a vector. */
function direction({ quad: [a, b, , d], turn }: TextLine): Point {
  const [from, to] = turn.upright ? [a, d] : [a, b];
  const sign = turn.upsideDown ? -1 : 1;
  return { x: (to.x - from.x) * sign, y: (to.y - from.y) * sign };
}

/**
 * Puts lines in reading order along the direction in which most of the writing runs: rows from
 * above, within a row from the left, as they look once the picture is turned that way.
 */
export function sortLines(lines: readonly TextLine[]): TextLine[] {
  const sum = lines.map(direction).reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), {
    x: 0,
    y: 0,
  });
  const length = Math.hypot(sum.x, sum.y);
  const along = length === 0 ? { x: 1, y: 0 } : { x: sum.x / length, y: sum.y / length };
  const placed = lines.map((line) => {
    const us = line.quad.map(({ x, y }) => x * along.x + y * along.y);
    const vs = line.quad.map(({ x, y }) => y * along.x - x * along.y);
    return { line, left: Math.min(...us), top: Math.min(...vs), bottom: Math.max(...vs) };
  });
  const rows: { top: number; bottom: number; placed: typeof placed }[] = [];
  for (const each of placed.sort((a, b) => a.top - b.top || a.left - b.left)) {
    const middle = (each.top + each.bottom) / 2;
    const row = rows.find(({ top, bottom }) => middle >= top && middle <= bottom);
    if (row === undefined) rows.push({ top: each.top, bottom: each.bottom, placed: [each] });
    else row.placed.push(each);
  }
  return rows.flatMap((row) => row.placed.sort((a, b) => a.left - b.left).map(({ line }) => line));
}
