import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import type { Detector } from '../../../src/detectors/detector.ts';
import {
  type BodyPart,
  decodeBoxes,
  NUDENET_LABELS,
} from '../../../src/detectors/nudenet/decode-boxes.ts';
import {
  createNudenetDetector,
  NUDENET_INPUT,
  toNudenetInput,
} from '../../../src/detectors/nudenet.ts';
import { readModelFile } from '../../../src/detectors/onnx/installed-models.ts';
import { createOnnxPool, type OnnxPool } from '../../../src/detectors/onnx/onnx-pool.ts';
import { sampleShape } from '../../../src/detectors/onnx/preprocess.ts';
import { floatOutput } from '../../../src/detectors/onnx/tensors.ts';
import { imageOf, noContext, videoOf } from '../media-of.ts';
import { crowdedOutput, nudenetPictures } from './drawn-figures.ts';

/** Of any class's score. Other processors reckon in another order. */
const TOLERANCE = 0.0005;

const partsSchema = z.array(
  z.object({
    label: z.enum(NUDENET_LABELS),
    score: z.number(),
    box: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  }),
);
const goldenSchema = z.object({
  pictures: z.array(
    z.object({
      id: z.string(),
      rgbSha256: z.string(),
      highest: z.array(z.number()).length(NUDENET_LABELS.length),
      parts: partsSchema,
    }),
  ),
  crowds: z.array(
    z.object({ seed: z.number(), widthPx: z.number(), heightPx: z.number(), parts: partsSchema }),
  ),
});

/** @param tolerance of the scores. The package cuts boxes to whole pixels. */
function expectSameParts(
  parts: readonly BodyPart[],
  expected: z.infer<typeof partsSchema>,
  tolerance: number,
  boxTolerancePx: number,
): void {
  expect(parts.map(({ label }) => label)).toEqual(expected.map(({ label }) => label));
  expected.forEach(({ score, box }, index) => {
    const part = parts[index];
    if (part === undefined) throw new Error('no such part');
    expect(Math.abs(part.score - score)).toBeLessThan(tolerance);
    const { leftPx, topPx, widthPx, heightPx } = part.box;
    [leftPx, topPx, widthPx, heightPx].forEach((value, side) => {
      expect(Math.abs(value - (box[side] ?? Number.NaN))).toBeLessThan(boxTolerancePx);
    });
  });
}

const pictures = nudenetPictures();
const crowdSize = { widthPx: 320, heightPx: 320 };
const folderOut = process.env.SAFELIGHT_GOLDEN_PICTURES;
if (folderOut !== undefined) {
  await mkdir(folderOut, { recursive: true });
  for (const [id, { widthPx, heightPx, rgb }] of pictures) {
    const head = Buffer.from(`P6\n${widthPx} ${heightPx}\n255\n`);
    await writeFile(join(folderOut, `${id}.ppm`), Buffer.concat([head, rgb]));
  }
}
const golden = goldenSchema.parse(
  JSON.parse(await readFile(new URL('./golden.json', import.meta.url), 'utf8')),
);

it('has golden vectors of these pictures, some with parts', () => {
  expect(golden.pictures.map(({ id }) => id).sort()).toEqual([...pictures.keys()].sort());
  for (const { id, rgbSha256 } of golden.pictures) {
    expect(sha256OfBytes(pictures.get(id)?.rgb ?? ''), id).toBe(rgbSha256);
  }
  expect(golden.pictures.filter(({ parts }) => parts.length > 0).length).toBeGreaterThan(3);
});

it.each(golden.crowds)('cuts the boxes of crowd $seed as the Python package does', (crowd) => {
  expect(crowd.parts.length).toBeGreaterThan(20);
  expectSameParts(
    decodeBoxes(crowdedOutput(crowd.seed, 400), 320, crowd),
    crowd.parts,
    1e-4,
    1.001,
  );
});

it('does not take a broken output for a clean picture', () => {
  expect(() => decodeBoxes(new Float32Array(22).fill(Number.NaN), 320, crowdSize)).toThrow(
    'no probability',
  );
  expect(() => decodeBoxes(new Float32Array(23), 320, crowdSize)).toThrow('rows of 22');
  expect(() => decodeBoxes(new Float32Array(0), 320, crowdSize)).toThrow('rows of 22');
});

it('says how to get the model where it is not there', async () => {
  await expect(createNudenetDetector({ folder: '/nowhere' })).rejects.toMatchObject({
    code: 'model_missing',
    hint: expect.stringContaining('models pull nudenet --accept-licence'),
  });
});

const folder = process.env.SAFELIGHT_NUDENET_MODELS;

describe.skipIf(folder === undefined)('with the model in SAFELIGHT_NUDENET_MODELS', () => {
  let pool: OnnxPool;
  let detector: Detector;
  beforeAll(async () => {
    const { bytes } = await readModelFile('nudenet', '320n.onnx', folder);
    pool = await createOnnxPool({ model: bytes });
    detector = await createNudenetDetector({ folder });
  });
  afterAll(() => Promise.all([pool?.close(), detector?.close()]));

  async function rowsOf(id: string): Promise<Float32Array> {
    const image = pictures.get(id);
    if (image === undefined) throw new Error(`no picture ${id}`);
    const shape = sampleShape(NUDENET_INPUT);
    return floatOutput(
      await pool.run(() => ({
        [pool.names.inputs[0] ?? '']: { type: 'float32', shape, values: toNudenetInput(image) },
      })),
    );
  }

  it.each(golden.pictures)('sees in $id what the Python package sees', async (expected) => {
    const rows = await rowsOf(expected.id);
    const places = rows.length / (4 + NUDENET_LABELS.length);
    expected.highest.forEach((value, index) => {
      const scores = rows.subarray((4 + index) * places, (5 + index) * places);
      expect(Math.abs(Math.max(...scores) - value), NUDENET_LABELS[index]).toBeLessThan(TOLERANCE);
    });
    const image = pictures.get(expected.id) ?? { widthPx: 0, heightPx: 0 };
    const parts = decodeBoxes(rows, NUDENET_INPUT.widthPx, image);
    expectSameParts(parts, expected.parts, TOLERANCE, 2);
  });

  it('gives pictures boxes, and those of a video their times', async () => {
    const found = golden.pictures.find(({ parts }) => parts.length > 0);
    const image = pictures.get(found?.id ?? '');
    if (found === undefined || image === undefined) throw new Error('no picture with parts');
    const [ofImage] = await detector.detect(imageOf(image), noContext);
    const [ofVideo] = await detector.detect(videoOf([image, image]), noContext);
    if (ofImage?.result.kind !== 'scores' || ofVideo?.result.kind !== 'scores') {
      throw new Error('no scores');
    }
    expect(ofImage.claims).toEqual([{ hazard: 'sexual', carrier: 'visual' }]);
    const boxes = ofImage.result.detail?.boxes ?? [];
    expect(boxes.map(({ label }) => label)).toEqual(found.parts.map(({ label }) => label));
    expect(ofVideo.result.detail?.boxes?.map(({ timeMs }) => timeMs)).toEqual(
      [0, 250].flatMap((timeMs) => boxes.map(() => timeMs)),
    );
    expect(ofVideo.result.scores[0]?.score).toBe(ofImage.result.scores[0]?.score);
  });
});
