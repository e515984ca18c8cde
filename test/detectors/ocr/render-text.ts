import sharp from 'sharp';
import { createRandom, type Random } from '../../../src/core/seeded-random.ts';
import { linePath, lineWidthPx, TYPEFACES } from '../../../src/endpoints/sandbox/drawing/font.ts';
import type { RgbImage } from '../../../src/media/media.ts';

/** Grounds that text stands on, from easy to hard. */
export const GROUNDS = ['plain', 'dark', 'gradient', 'shapes', 'scene'] as const;
export type Ground = (typeof GROUNDS)[number];

export interface PictureOptions {
  /** Undefined: a picture without text. */
  readonly text: string | undefined;
  readonly seed: number;
  readonly ground?: Ground;
  /** Side of the square, default 512. */
  readonly sidePx?: number;
}

function colour(random: Random, low: number, high: number): string {
  const [red, green, blue] = [0, 0, 0].map(() => random.integer(low, high));
  return `rgb(${red},${green},${blue})`;
}

function drawGround(random: Random, ground: Ground, side: number): string {
  const rect = (fill: string): string => `<rect width="${side}" height="${side}" fill="${fill}"/>`;
  if (ground === 'plain') return rect(colour(random, 190, 255));
  if (ground === 'dark') return rect(colour(random, 0, 60));
  const from = colour(random, 60, 255);
  const to = colour(random, 60, 255);
  let svg = `<defs><linearGradient id="g" x2="0" y2="1"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>${rect('url(#g)')}`;
  const count = ground === 'gradient' ? 0 : ground === 'shapes' ? 14 : 30;
  for (let index = 0; index < count; index++) {
    const [x, y] = [random.between(0, side), random.between(0, side)];
    const [width, height] = [random.between(10, side / 4), random.between(10, side / 4)];
    const paint = `fill="${colour(random, 0, 255)}" opacity="${random.between(0.4, 1)}"`;
    svg += random.chance(0.5)
      ? `<ellipse cx="${x}" cy="${y}" rx="${width / 2}" ry="${height / 2}" ${paint}/>`
      : `<rect x="${x}" y="${y}" width="${width}" height="${height}" transform="rotate(${random.between(0, 90)} ${x} ${y})" ${paint}/>`;
  }
  return svg;
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= 14) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

function drawText(random: Random, ground: Ground, text: string, side: number): string {
  const face = random.pick(TYPEFACES);
  const lines = wrap(text);
  const widest = Math.max(...lines.map((line) => lineWidthPx(line, face, 100)));
  const fit = ((side * random.between(0.5, 0.9)) / widest) * 100;
  const sizePx = Math.max(14, Math.min(fit, 14 + random.between(0, side / 8)));
  const width = (widest * sizePx) / 100;
  const height = lines.length * sizePx * 1.25;
  const x = random.between(10, Math.max(10, side - width - 10));
  const y = random.between(10, Math.max(10, side - height - 10)) + sizePx;
  const busy = ground === 'shapes' || ground === 'scene';
  let svg = '';
  let fill = ground === 'dark' ? colour(random, 190, 255) : colour(random, 0, 50);
  if (ground === 'gradient' || busy) {
    fill = random.chance(0.5) ? colour(random, 225, 255) : colour(random, 0, 40);
  }
  if (busy && random.chance(0.6)) {
    const light = random.chance(0.7);
    svg += `<rect x="${x - sizePx / 2}" y="${y - sizePx * 1.1}" width="${width + sizePx}" height="${height + sizePx / 2}" stroke="black" fill="${light ? colour(random, 200, 255) : colour(random, 0, 60)}"/>`;
    fill = light ? colour(random, 0, 60) : colour(random, 200, 255);
  }
  lines.forEach((line, index) => {
    svg += `<path fill="${fill}" d="${linePath(line, face, { x, y: y + index * sizePx * 1.25, sizePx })}"/>`;
  });
  return svg;
}

/** Draws a picture from its seed, half of them with pixel noise. */
export async function renderPicture(options: PictureOptions): Promise<RgbImage> {
  const { text, seed, sidePx = 512 } = options;
  const random = createRandom('text picture', seed);
  const ground = options.ground ?? random.pick(GROUNDS);
  let svg = drawGround(random, ground, sidePx);
  if (text !== undefined) svg += drawText(random, ground, text, sidePx);
  const { data } = await sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${sidePx}" height="${sidePx}">${svg}</svg>`,
    ),
  )
    .flatten({ background: 'white' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const amplitude = random.chance(0.5) ? 0 : random.between(0, 20);
  const rgb = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const noise = amplitude === 0 ? 0 : random.between(-amplitude, amplitude);
    rgb[at] = Math.min(255, Math.max(0, (data[at] ?? 0) + noise));
  }
  return { widthPx: sidePx, heightPx: sidePx, rgb };
}
