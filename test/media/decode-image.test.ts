import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../src/media/decode-image.ts';
import type { RgbImage } from '../../src/media/media.ts';
import { isMediaProblem } from '../../src/media/media-problem.ts';
import { drawScene, fill, LIMITS, toSharp } from './made-media.ts';
import { crc32 } from './png-chunks.ts';

async function decode(bytes: Uint8Array): Promise<RgbImage> {
  const image = await decodeImage(bytes, LIMITS);
  if (isMediaProblem(image)) throw new Error(image.code);
  return image;
}

function meanDifference(a: RgbImage, b: RgbImage): number {
  expect([a.widthPx, a.heightPx]).toEqual([b.widthPx, b.heightPx]);
  return a.rgb.reduce((sum, v, k) => sum + Math.abs(v - (b.rgb[k] ?? 0)), 0) / a.rgb.length;
}

describe('decodeImage', () => {
  const scene = drawScene(64, 48);

  test('gives lossless pixels back exactly, row by row', async () => {
    const image = await decode(await toSharp(scene).png().toBuffer());
    expect(image).toEqual(scene);
    expect(image.rgb).toHaveLength(64 * 48 * 3);
  });

  test.each(['jpeg', 'webp', 'avif', 'gif', 'tiff'] as const)('decodes %s', async (format) => {
    const image = await decode(await toSharp(scene).toFormat(format).toBuffer());
    expect(meanDifference(image, scene)).toBeLessThan(12);
  });

  test('turns a picture upright by its EXIF flag', async () => {
    const left = await toSharp(scene).png().withMetadata({ orientation: 6 }).toBuffer();
    const image = await decode(left);
    expect([image.widthPx, image.heightPx]).toEqual([48, 64]);
    const expected = await toSharp(scene).rotate(90).raw().toBuffer();
    expect(Buffer.from(image.rgb).equals(expected)).toBe(true);
  });

  test('shows what is transparent as white', async () => {
    const clear = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(new Set((await decode(clear)).rgb)).toEqual(new Set([255]));
  });

  test.each([
    [
      '16 bits a channel',
      () =>
        toSharp(fill(8, 8, [100, 100, 100]))
          .toColourspace('rgb16')
          .png(),
    ],
    [
      'greyscale',
      () =>
        toSharp(fill(8, 8, [100, 100, 100]))
          .toColourspace('b-w')
          .png(),
    ],
    ['a palette', () => toSharp(fill(8, 8, [100, 100, 100])).png({ palette: true })],
    [
      'CMYK',
      () =>
        toSharp(fill(8, 8, [100, 100, 100]))
          .toColourspace('cmyk')
          .jpeg(),
    ],
  ])('converts %s to RGB8', async (_, make) => {
    const image = await decode(await make().toBuffer());
    expect(image.rgb).toHaveLength(8 * 8 * 3);
    for (const value of image.rgb) expect(Math.abs(value - 100)).toBeLessThanOrEqual(16);
  });

  test('reports zero bytes as empty', async () => {
    expect(await decodeImage(new Uint8Array(), LIMITS)).toMatchObject({ code: 'empty' });
  });

  test.each(['jpeg', 'png', 'gif', 'avif', 'webp'] as const)(
    'reports a %s that was cut off as truncated',
    async (format) => {
      const whole = await toSharp(scene).toFormat(format).toBuffer();
      for (const share of [0.5, 0.9]) {
        const cut = whole.subarray(0, Math.floor(whole.length * share));
        expect(await decodeImage(cut, LIMITS)).toMatchObject({ code: 'truncated' });
      }
    },
  );

  test('names a cut the same way, whatever else is decoded meanwhile', async () => {
    const whole = await toSharp(scene).png().toBuffer();
    const damaged = whole.with(whole.length >> 1, (whole[whole.length >> 1] ?? 0) ^ 0xff);
    const jpeg = await toSharp(scene).jpeg().toBuffer();
    const files = [whole.subarray(0, whole.length >> 1), damaged, jpeg.subarray(0, 900), jpeg];
    const codes = async (file: Uint8Array) => {
      const found = await decodeImage(file, LIMITS);
      return 'kind' in found ? found.code : 'decoded';
    };
    const many = Array.from({ length: 40 }, () => files).flat();
    const together = await Promise.all(many.map(codes));
    expect(new Set(together.filter((_, index) => index % 4 === 0))).toEqual(new Set(['truncated']));
    expect(new Set(together.filter((_, index) => index % 4 === 1))).toEqual(
      new Set([await codes(damaged)]),
    );
    expect(new Set(together.filter((_, index) => index % 4 === 2))).toEqual(new Set(['truncated']));
    expect(new Set(together.filter((_, index) => index % 4 === 3))).toEqual(new Set(['decoded']));
  });

  test('reports bytes that are no picture as undecodable, without quoting them', async () => {
    const found = await decodeImage(new TextEncoder().encode('private words'), LIMITS);
    expect(found).toMatchObject({ code: 'undecodable' });
    expect(JSON.stringify(found)).not.toContain('private');
  });

  test('refuses a picture bomb by its header, without making room for it', async () => {
    const bomb = pngThatClaims(50_000, 50_000);
    expect(bomb.length).toBeLessThan(10_000);
    const before = process.resourceUsage().maxRSS;
    expect(await decodeImage(bomb, LIMITS)).toMatchObject({ code: 'too_many_pixels' });
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100 * 1024);
  });

  test('refuses more bytes than allowed', async () => {
    const bytes = await toSharp(scene).png().toBuffer();
    const found = await decodeImage(bytes, { ...LIMITS, maxBytes: bytes.length - 1 });
    expect(found).toMatchObject({ code: 'too_large' });
  });
});

function pngThatClaims(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
