import type { Random } from '../../../core/seeded-random.ts';
import { TYPEFACES } from './font.ts';
import { type Area, textBlock } from './text-block.ts';

type Ink = readonly [panel: string, ink: string];

/** Panel and ink, far enough apart in brightness to be read. */
const COLOURS: readonly [Ink, ...Ink[]] = [
  ['#fffdf5', '#1b1b1f'],
  ['#ffffff', '#12284c'],
  ['#fdf6d8', '#3a1f10'],
  ['#f2f7fb', '#7a1020'],
  ['#14213d', '#ffffff'],
];

/** A sign, poster, banner or caption that legibly shows a text, and where it stands. */
export function drawSign(text: string, size: Area, random: Random): string {
  const [panel, ink] = random.pick(COLOURS);
  const typeface = random.pick(TYPEFACES);
  const kind = random.pick(['sign', 'poster', 'banner', 'caption']);
  const long = text.length > 60;
  const width = size.width * (kind === 'caption' ? 1 : random.between(0.74, 0.88));
  const height = size.height * (long ? random.between(0.5, 0.6) : random.between(0.26, 0.38));
  const x = (size.width - width) / 2 + (kind === 'caption' ? 0 : random.between(-10, 10));
  const y = kind === 'caption' ? size.height - height : size.height * random.between(0.08, 0.3);
  const area = {
    x: x + width * 0.06,
    y: y + height * 0.1,
    width: width * 0.88,
    height: height * 0.8,
  };
  const tilt = kind === 'caption' ? 0 : Math.round(random.between(-2, 2) * 10) / 10;
  const board = `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" rx="${kind === 'sign' ? 14 : 2}" fill="${panel}"${
    kind === 'caption' ? '' : ` stroke="${ink}" stroke-width="4"`
  }/>`;
  const posts =
    kind === 'sign'
      ? [0.2, 0.78]
          .map(
            (at) =>
              `<rect x="${(x + width * at).toFixed(1)}" y="${(y + height).toFixed(1)}" width="12" height="${(size.height - y - height).toFixed(1)}" fill="#6b5846"/>`,
          )
          .join('')
      : '';
  const turn = `rotate(${tilt} ${(size.width / 2).toFixed(1)} ${(y + height / 2).toFixed(1)})`;
  return `${posts}<g transform="${turn}">${board}${textBlock(text, typeface, area, ink)}</g>`;
}
