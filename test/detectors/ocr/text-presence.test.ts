import { describe, expect, test } from 'vitest';
import { cleanPlane, extractPlane } from '../../../src/detectors/ocr/grey-plane.ts';
import { searchText } from '../../../src/detectors/ocr/text-presence.ts';
import type { RgbImage } from '../../../src/media/media.ts';
import { GROUNDS, renderPicture } from './render-text.ts';

const TEXTS = ['GO HOME', 'fresh bread daily', 'no parking here', 'open all night', 'BULLETIN'];
const PER_GROUND = 8;

const search = (image: RgbImage) => searchText(cleanPlane(extractPlane(image, 'luma')));

describe('searchText', () => {
  test('rarely skips text', async () => {
    let missed = 0;
    for (const ground of GROUNDS) {
      for (let seed = 0; seed < PER_GROUND; seed++) {
        const text = TEXTS[seed % TEXTS.length];
        if (search(await renderPicture({ text, seed, ground })).sign === 'none') missed++;
      }
    }
    expect(missed).toBeLessThanOrEqual(2);
  });

  test('rarely takes pictures without text for text', async () => {
    const signs = { none: 0, weak: 0, strong: 0 };
    for (const ground of GROUNDS) {
      for (let seed = 0; seed < PER_GROUND; seed++) {
        signs[search(await renderPicture({ text: undefined, seed: 500 + seed, ground })).sign]++;
      }
    }
    expect(signs.strong).toBeLessThanOrEqual(1);
    expect(signs.none).toBeGreaterThanOrEqual(24);
  });

  test('draws the letters black on white, whatever they stood on', async () => {
    const { pages, scale } = search(
      await renderPicture({ text: 'HELLO', seed: 3, ground: 'dark' }),
    );
    expect(scale).toBe(1);
    expect(pages).toHaveLength(1);
    const levels = pages[0]?.levels ?? new Uint8Array();
    const black = levels.filter((level) => level === 0).length;
    const white = levels.filter((level) => level === 255).length;
    expect(black + white).toBe(levels.length);
    expect(black).toBeGreaterThan(100);
    expect(black).toBeLessThan(levels.length / 5);
  });

  test('scales large pictures down and says by how much', async () => {
    const { scale, pages } = search(
      await renderPicture({ text: 'HELLO', seed: 3, ground: 'plain', sidePx: 1500 }),
    );
    expect(scale).toBe(2);
    expect(pages[0]?.widthPx).toBe(750);
  });

  test.each([
    [1, 1],
    [2, 3],
    [5000, 1],
    [1, 5000],
  ])('survives a picture of %i × %i', (widthPx, heightPx) => {
    const rgb = new Uint8Array(widthPx * heightPx * 3).fill(9);
    expect(search({ widthPx, heightPx, rgb }).sign).toBe('none');
  });
});
