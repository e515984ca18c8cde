import { linePath, lineWidthPx, type Typeface } from './font.ts';

/** An upright rectangle in user units, which are pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const LINE_HEIGHT = 1.25;
/** Smallest size that a reader of pictures still finds; longer text is made smaller yet. */
const COMFORTABLE_PX = 18;
const LARGEST_PX = 72;
const SMALLEST_PX = 6;

/** Greedy wrapping; a word wider than the line is broken. */
function wrap(text: string, typeface: Typeface, sizePx: number, widthPx: number): string[] {
  const fits = (line: string): boolean => lineWidthPx(line, typeface, sizePx) <= widthPx;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u).filter(Boolean)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (line !== '' && !fits(line + character)) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Whether wrapping at this size breaks no word: broken words are hard to read. */
function keepsWords(text: string, typeface: Typeface, sizePx: number, widthPx: number): boolean {
  return text.split(/\s+/u).every((word) => lineWidthPx(word, typeface, sizePx) <= widthPx);
}

/**
 * The text as one filled SVG path, wrapped and centred in the area at the largest size that fits.
 * Text too long for the smallest size runs over the lower edge.
 */
export function textBlock(text: string, typeface: Typeface, area: Area, fill: string): string {
  let sizePx = LARGEST_PX;
  let lines: string[] = [];
  for (; sizePx >= SMALLEST_PX; sizePx = Math.floor(sizePx * 0.88)) {
    if (sizePx > COMFORTABLE_PX && !keepsWords(text, typeface, sizePx, area.width)) continue;
    lines = wrap(text, typeface, sizePx, area.width);
    if (lines.length * sizePx * LINE_HEIGHT <= area.height) break;
  }
  const top = area.y + (area.height - lines.length * sizePx * LINE_HEIGHT) / 2;
  const paths = lines.map((line, index) =>
    linePath(line, typeface, {
      x: area.x + (area.width - lineWidthPx(line, typeface, sizePx)) / 2,
      y: top + (index + 0.78) * sizePx * LINE_HEIGHT,
      sizePx,
    }),
  );
  return `<path d="${paths.join('')}" fill="${fill}"/>`;
}
