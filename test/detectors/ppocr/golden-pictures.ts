import type { RgbImage } from '../../../src/media/media.ts';
import { GROUNDS, renderPicture } from '../ocr/render-text.ts';

const TEXTS = [
  'fresh bread daily',
  'OPEN',
  'no parking at any time',
  'Harbour 24',
  'mind the step please',
];

/** A fixed set of pictures, named. The longest side differs, so that scaling is covered. */
export async function renderGoldenPictures(): Promise<ReadonlyMap<string, RgbImage>> {
  const pictures = new Map<string, RgbImage>();
  const sides = [512, 768, 1024];
  for (const [index, ground] of GROUNDS.entries()) {
    for (const [other, sidePx] of sides.entries()) {
      const text = TEXTS[(index + other) % TEXTS.length];
      const seed = 100 + index * sides.length + other;
      pictures.set(`${ground}-${sidePx}`, await renderPicture({ text, seed, ground, sidePx }));
    }
  }
  const plain = await renderPicture({ text: 'north gate', seed: 7, ground: 'plain', sidePx: 640 });
  pictures.set('upside-down', turn(plain, 2));
  pictures.set('turned-left', turn(plain, 3));
  pictures.set('no-text', await renderPicture({ text: undefined, seed: 3, ground: 'gradient' }));
  return pictures;
}

/** Turns a square picture clockwise by quarters. */
function turn(image: RgbImage, quarters: number): RgbImage {
  const side = image.widthPx;
  let { rgb } = image;
  for (let quarter = 0; quarter < quarters; quarter++) {
    const out = new Uint8Array(rgb.length);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const from = (y * side + x) * 3;
        out.set(rgb.subarray(from, from + 3), (x * side + side - 1 - y) * 3);
      }
    }
    rgb = out;
  }
  return { ...image, rgb };
}
