import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createTesseractReader } from '../../../src/detectors/ocr/tesseract-reader.ts';
import { loadTrainedData } from '../../../src/detectors/ocr/traineddata.ts';
import { renderPicture } from './render-text.ts';

const signal = new AbortController().signal;

test('reads plain text with places and confidences', async () => {
  const reader = await createTesseractReader({ workers: 1 });
  onTestFinished(() => reader.close());
  const image = await renderPicture({ text: 'fresh bread', seed: 4, ground: 'plain' });
  const { sign, words } = await reader.read(image, signal);
  expect(sign).toBe('strong');
  expect(words.map(({ text }) => text.toLowerCase())).toEqual(['fresh', 'bread']);
  for (const { confidence, box } of words) {
    expect(confidence).toBeGreaterThan(0.8);
    expect(box.leftPx).toBeGreaterThan(0);
    expect(box.leftPx + box.widthPx).toBeLessThan(512);
    expect(box.heightPx).toBeGreaterThan(8);
  }
});

test('gives places in the pixels of the picture where that was scaled down', async () => {
  const reader = await createTesseractReader({ workers: 1 });
  onTestFinished(() => reader.close());
  const image = await renderPicture({ text: 'BREAD', seed: 9, ground: 'dark', sidePx: 1400 });
  const { words } = await reader.read(image, signal);
  const word = words.find(({ text }) => text === 'BREAD');
  expect(word?.box.widthPx).toBeGreaterThan(60);
  expect((word?.box.leftPx ?? 0) % 2).toBe(0);
});

test('reads the red channel where it is asked to', async () => {
  // Red on a green of the same luma.
  const plain = await renderPicture({ text: 'FRESH BREAD', seed: 4, ground: 'plain' });
  const rgb = new Uint8Array(plain.rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const isLetter = (plain.rgb[at] ?? 0) < 128;
    rgb.set(isLetter ? [200, 0, 0] : [0, 103, 0], at);
  }
  const image = { ...plain, rgb };
  const fast = await createTesseractReader({ workers: 1 });
  const thorough = await createTesseractReader({ workers: 1, passes: 'thorough' });
  onTestFinished(async () => {
    await fast.close();
    await thorough.close();
  });
  expect((await fast.read(image, signal)).words).toEqual([]);
  const { words } = await thorough.read(image, signal);
  expect(words.map(({ text }) => text)).toEqual(['FRESH', 'BREAD']);
});

test('a pass that takes too long ends in an error, and the next picture is read', async () => {
  const reader = await createTesseractReader({ workers: 1, timeoutMs: 1 });
  onTestFinished(() => reader.close());
  const image = await renderPicture({ text: 'fresh bread', seed: 4, ground: 'plain' });
  await expect(reader.read(image, signal)).rejects.toMatchObject({ code: 'ocr_timeout' });
  await expect(reader.read(image, signal)).rejects.toMatchObject({ code: 'ocr_timeout' });
});

test('closing twice, or before anything was read, is fine', async () => {
  const reader = await createTesseractReader();
  await reader.close();
  await reader.close();
});

test('missing or damaged data is an error that says what to do, and is never fetched', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'safelight-ocr-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await expect(loadTrainedData(folder)).rejects.toMatchObject({
    code: 'ocr_data_missing',
    kind: 'environment',
  });
  await writeFile(join(folder, '4.0.0_best_int'), 'not a folder');
  await expect(loadTrainedData(folder)).rejects.toMatchObject({ code: 'ocr_data_missing' });
});

test('reads turned writing, and gives its place in the upright picture', async () => {
  const reader = await createTesseractReader({ workers: 1 });
  onTestFinished(() => reader.close());
  const upright = await renderPicture({ text: 'fresh bread', seed: 4, ground: 'plain' });
  const side = upright.widthPx;
  const rgb = new Uint8Array(upright.rgb.length);
  for (let at = 0; at < side * side; at++) {
    const to = (at % side) * side + side - 1 - Math.floor(at / side);
    rgb.set(upright.rgb.subarray(at * 3, at * 3 + 3), to * 3);
  }
  const expected = (await reader.read(upright, signal)).words[0]?.box;
  const { words } = await reader.read({ ...upright, rgb }, signal);
  expect(words.map(({ text }) => text.toLowerCase())).toContain('fresh');
  const box = words.find(({ text }) => text.toLowerCase() === 'fresh')?.box;
  expect(Math.abs((box?.topPx ?? 0) - (expected?.leftPx ?? 0))).toBeLessThan(8);
});

test('reads the same in any order and with any number of workers', async () => {
  const texts = ['fresh bread', 'north gate', undefined, 'music school', 'city library'];
  const pictures = await Promise.all(
    texts.map((text, index) => renderPicture({ text, seed: 40 + index })),
  );
  const readAll = async (workers: number, order: readonly number[]): Promise<unknown[]> => {
    const reader = await createTesseractReader({ workers });
    const readings: unknown[] = [];
    await Promise.all(
      order.map(async (index) => {
        const picture = pictures[index];
        if (picture !== undefined) readings[index] = await reader.read(picture, signal);
      }),
    );
    await reader.close();
    return readings;
  };
  const first = await readAll(1, [0, 1, 2, 3, 4]);
  expect(await readAll(1, [3, 0, 4, 2, 1])).toEqual(first);
  expect(await readAll(2, [4, 3, 2, 1, 0])).toEqual(first);
});
