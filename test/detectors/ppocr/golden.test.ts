import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import { type PpocrEngine, startPpocrEngine } from '../../../src/detectors/ppocr/ppocr-engine.ts';
import { loadPpocrFiles } from '../../../src/detectors/ppocr/ppocr-files.ts';
import { readLines } from '../../../src/detectors/ppocr/read-lines.ts';
import { distance } from '../../../src/detectors/ppocr/text-line.ts';
import { renderGoldenPictures } from './golden-pictures.ts';

const goldenSchema = z.object({
  pictures: z.array(
    z.object({
      id: z.string(),
      rgbSha256: z.string(),
      lines: z.array(
        z.object({
          quad: z.array(z.tuple([z.number(), z.number()])).length(4),
          text: z.string(),
          confidence: z.number(),
        }),
      ),
    }),
  ),
});
const golden = goldenSchema.parse(
  JSON.parse(await readFile(new URL('./golden.json', import.meta.url), 'utf8')),
);
const pictures = await renderGoldenPictures();

const folderOut = process.env.SAFELIGHT_GOLDEN_PICTURES;
if (folderOut !== undefined) {
  await mkdir(folderOut, { recursive: true });
  for (const [id, { widthPx, heightPx, rgb }] of pictures) {
    const head = Buffer.from(`P6\n${widthPx} ${heightPx}\n255\n`);
    await writeFile(join(folderOut, `${id}.ppm`), Buffer.concat([head, rgb]));
  }
}

test('the golden vectors are of these pictures', () => {
  expect(golden.pictures.map(({ id }) => id).sort()).toEqual([...pictures.keys()].sort());
  for (const { id, rgbSha256 } of golden.pictures) {
    expect(sha256OfBytes(pictures.get(id)?.rgb ?? ''), id).toBe(rgbSha256);
  }
});

const models = process.env.SAFELIGHT_PPOCR_DIR;

describe.skipIf(models === undefined)('with the models in SAFELIGHT_PPOCR_DIR', () => {
  let engine: PpocrEngine;
  beforeAll(async () => {
    engine = await startPpocrEngine(await loadPpocrFiles(models ?? ''));
  });
  afterAll(() => engine?.close());

  test.each(golden.pictures)('reads $id as the Python package does', async ({ id, lines }) => {
    const image = pictures.get(id);
    if (image === undefined) throw new Error(`no picture ${id}`);
    const found = await readLines(image, engine.models, new AbortController().signal);
    const read = found.lines.filter(({ confidence }) => confidence >= 0.5);
    expect(read.map(({ text }) => text).sort()).toEqual(lines.map(({ text }) => text).sort());
    for (const { text, quad, confidence } of lines) {
      const same = read.find((line) => line.text === text);
      quad.forEach(([x, y], corner) => {
        const point = same?.quad[corner] ?? { x: Number.NaN, y: Number.NaN };
        expect(distance(point, { x, y }), `${text}, corner ${corner}`).toBeLessThanOrEqual(2);
      });
      expect(Math.abs((same?.confidence ?? 0) - confidence), text).toBeLessThan(0.05);
    }
  });
});
