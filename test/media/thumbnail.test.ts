import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pixelatedThumbnail } from '../../src/media/thumbnail.ts';
import { drawScene, fill } from './made-media.ts';

async function sizeOf(bytes: Uint8Array): Promise<[number, number]> {
  const { width, height } = await sharp(bytes).metadata();
  return [width, height];
}

test('has at most twelve blocks on the longer side, in the shape of the picture', async () => {
  expect(await sizeOf(await pixelatedThumbnail(drawScene(640, 320)))).toEqual([12, 6]);
  expect(await sizeOf(await pixelatedThumbnail(drawScene(100, 1000)))).toEqual([1, 12]);
  expect(await sizeOf(await pixelatedThumbnail(fill(2, 1, [1, 2, 3])))).toEqual([2, 1]);
  expect(await sizeOf(await pixelatedThumbnail(drawScene(64, 64), { blocks: 4 }))).toEqual([4, 4]);
  await expect(pixelatedThumbnail(drawScene(64, 64), { blocks: 13 })).rejects.toThrow(RangeError);
});

test('is the same for the same pixels, byte for byte', async () => {
  const once = await pixelatedThumbnail(drawScene(300, 200));
  const again = await pixelatedThumbnail(drawScene(300, 200));
  expect(Buffer.from(once).equals(Buffer.from(again))).toBe(true);
});

test('keeps no more than the rounded average of a block, and no metadata', async () => {
  const bytes = await pixelatedThumbnail(drawScene(240, 240));
  const { data } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  for (const value of data) expect(value % 51).toBe(0);
  expect(bytes.length).toBeLessThan(800);
});

test('loses what happens inside a block', async () => {
  const checkers = fill(120, 120, [0, 0, 0]);
  for (let k = 0; k < 120 * 120; k++) {
    if ((Math.floor(k / 120) + k) % 2 === 0) checkers.rgb.fill(255, k * 3, k * 3 + 3);
  }
  const { data } = await sharp(await pixelatedThumbnail(checkers))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(new Set(data).size).toBe(1);
});
