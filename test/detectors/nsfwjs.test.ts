import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SafelightError } from '../../src/core/errors.ts';
import { sha256OfBytes } from '../../src/core/ids.ts';
import type { DetectionContext, Detector } from '../../src/detectors/detector.ts';
import { createNsfwjsDetector, declareNsfwjs } from '../../src/detectors/nsfwjs.ts';
import { bundledModelsFolder, loadModel } from '../../src/detectors/onnx/model-store.ts';
import { createOnnxPool } from '../../src/detectors/onnx/onnx-pool.ts';
import { sampleShape } from '../../src/detectors/onnx/preprocess.ts';
import { floatOutput } from '../../src/detectors/onnx/tensors.ts';
import type { Media, RgbImage } from '../../src/media/media.ts';
import { goldenPictures } from './golden/pictures.ts';

/**
 * Largest difference from nsfwjs on TensorFlow.js in any label. Measured with AVX2: 8.4e-7, with
 * our own resizing and without it.
 */
const TOLERANCE = 1e-5;

const NSFWJS = declareNsfwjs('mobilenet-v2-mid');
const MODEL_NAME = 'nsfwjs-mobilenet-v2-mid';

const labelsSchema = z.record(z.string(), z.number());
const goldenSchema = z.object({
  versions: z.object({ nsfwjs: z.string() }),
  pictures: z.array(z.object({ id: z.string(), rgbSha256: z.string(), scores: labelsSchema })),
});

const context: DetectionContext = {
  signal: new AbortController().signal,
  prompt: undefined,
  earlier: [],
};
const pictures = goldenPictures();
const golden = goldenSchema.parse(
  JSON.parse(await readFile(new URL('./golden/nsfwjs.json', import.meta.url), 'utf8')),
);

function imageMedia(image: RgbImage): Media {
  const bytes = new Uint8Array(1);
  const ref = { sha256: '0'.repeat(64), kind: 'image' as const, mime: 'image/png', sizeBytes: 1 };
  return { kind: 'image', ref, image, bytes };
}

function videoMedia(images: readonly RgbImage[]): Media {
  const frames = images.map((image, index) => ({ ...image, timeMs: index * 250 }));
  const frameTimesMs = frames.map(({ timeMs }) => timeMs);
  return {
    kind: 'video',
    ref: { sha256: '1'.repeat(64), kind: 'video', mime: 'video/mp4', sizeBytes: 1 },
    frames,
    sampling: { durationMs: 250 * frames.length, frameTimesMs, largestGapMs: 250, hasAudio: false },
    bytes: new Uint8Array(1),
  };
}

async function scoresOf(detector: Detector, media: Media) {
  const [found, ...more] = await detector.detect(media, context);
  expect(more).toEqual([]);
  if (found?.result.kind !== 'scores') throw new Error(`no scores: ${JSON.stringify(found)}`);
  return found.result;
}

async function labelsOf(detector: Detector, image: RgbImage): Promise<Record<string, number>> {
  return labelsSchema.parse((await scoresOf(detector, imageMedia(image))).detail?.labels);
}

function largestDifference(ours: Record<string, number>, theirs: Record<string, number>): number {
  expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
  return Math.max(
    ...Object.entries(ours).map(([key, value]) => Math.abs(value - (theirs[key] ?? 9))),
  );
}

function pictureOf(id: string): RgbImage {
  const found = pictures.find((picture) => picture.id === id);
  if (found === undefined) throw new Error(`no picture ${id}`);
  return found.image;
}

describe('nsfwjs', () => {
  let detector: Detector;
  beforeAll(async () => {
    detector = await createNsfwjsDetector({ workers: 1 });
  });
  afterAll(() => detector.close());

  it('has golden vectors of the installed package, on these very pixels', () => {
    expect(golden.pictures.length).toBeGreaterThanOrEqual(20);
    expect(golden.pictures.map(({ id, rgbSha256 }) => ({ id, rgbSha256 }))).toEqual(
      pictures.map(({ id, image }) => ({ id, rgbSha256: sha256OfBytes(image.rgb) })),
    );
    expect(detector.description.notes[0]).toContain(`nsfwjs ${golden.versions.nsfwjs}`);
  });

  it('gives what nsfwjs gives from the same tensor', async () => {
    const { bytes } = await loadModel(MODEL_NAME, bundledModelsFolder());
    const pool = await createOnnxPool({
      model: bytes,
      workers: 1,
    });
    // Of this size nsfwjs resizes nothing: its tensor is the value over 255 in single precision.
    const exact = golden.pictures.filter(({ id }) => id.endsWith('-224x224'));
    expect(exact).toHaveLength(8);
    for (const { id, scores } of exact) {
      const tensor = Float32Array.from(pictureOf(id).rgb, (value) => value / 255);
      const shape = sampleShape(NSFWJS.input);
      const output = floatOutput(
        await pool.run(() => ({ input: { type: 'float32', shape, values: tensor } })),
      );
      const ours = Object.fromEntries(NSFWJS.labels.map((label, i) => [label, output[i] ?? 9]));
      expect(largestDifference(ours, scores), id).toBeLessThanOrEqual(TOLERANCE);
    }
    await pool.close();
  });

  it('gives what nsfwjs gives from the same pixels, resized by our own code', async () => {
    for (const { id, scores } of golden.pictures) {
      const difference = largestDifference(await labelsOf(detector, pictureOf(id)), scores);
      expect(difference, id).toBeLessThanOrEqual(TOLERANCE);
    }
  });

  it('claims sexual pictures, scored as porn + hentai, and shows all labels', async () => {
    const media = imageMedia(pictureOf('blobs-3-224x224'));
    const { scores, detail } = await scoresOf(detector, media);
    const labels = labelsSchema.parse(detail?.labels);
    expect(Object.keys(labels)).toEqual(['drawing', 'hentai', 'neutral', 'porn', 'sexy']);
    const score = (labels.porn ?? 9) + (labels.hentai ?? 9);
    expect(score).toBeGreaterThan(0.5);
    expect(scores).toEqual([{ hazard: 'sexual', carrier: 'visual', score }]);
    expect(detector.description.claims).toEqual([{ hazard: 'sexual', carrier: 'visual' }]);
    expect(detector.description.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('scores every frame of a video: sustained score, peak, timeline, worst frame', async () => {
    const [low, high] = [pictureOf('shapes-0-224x224'), pictureOf('blobs-0-224x224')];
    const lowScore = (await scoresOf(detector, imageMedia(low))).scores[0]?.score;
    const highScore = (await scoresOf(detector, imageMedia(high))).scores[0]?.score;
    const flash = await scoresOf(detector, videoMedia([low, high, low]));
    expect(flash.scores).toEqual([
      { hazard: 'sexual', carrier: 'visual', score: lowScore, peak: highScore },
    ]);
    expect(flash.detail?.timeline).toEqual([
      { timeMs: 0, score: lowScore },
      { timeMs: 250, score: highScore },
      { timeMs: 500, score: lowScore },
    ]);
    expect(flash.detail?.labels).toEqual(await labelsOf(detector, high));
    const held = await scoresOf(detector, videoMedia([low, high, high]));
    expect(held.scores[0]?.score).toBe(highScore);
  });

  it('gives the same bits however many pictures are looked at together', async () => {
    const sequential: unknown[] = [];
    for (const { image } of pictures) sequential.push(await labelsOf(detector, image));
    const several = await createNsfwjsDetector({ workers: 2 });
    const together = await Promise.all(pictures.map(({ image }) => labelsOf(several, image)));
    await several.close();
    expect(together).toEqual(sequential);
  });

  it('rejects when its signal aborts', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    const media = imageMedia(pictureOf('noise-1-64x64'));
    await expect(detector.detect(media, { ...context, signal: aborted })).rejects.toThrow('enough');
  });

  it('abstains where it cannot look, and never says "safe"', async () => {
    const short = { ...pictureOf('noise-1-64x64'), rgb: new Uint8Array(5) };
    const [found] = await detector.detect(imageMedia(short), context);
    expect(found?.result).toMatchObject({ kind: 'abstained', code: 'detector_error' });
    expect(found?.claims).toEqual([{ hazard: 'sexual', carrier: 'visual' }]);
  });

  it('ends its threads, and what is asked of it then rejects', async () => {
    const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort');
    const before = threads().length;
    const closing = await createNsfwjsDetector({ workers: 2 });
    const pending = pictures.map(({ image }) => closing.detect(imageMedia(image), context));
    const settled = Promise.allSettled(pending);
    expect(threads().length).toBeGreaterThan(before);
    await closing.close();
    await closing.close();
    expect((await settled).filter(({ status }) => status === 'rejected')).not.toEqual([]);
    expect(threads().length).toBe(before);
    const late = closing.detect(imageMedia(pictureOf('noise-1-64x64')), context);
    await expect(late).rejects.toThrow('closed');
  });
});

describe('nsfwjs in its other sizes', () => {
  it.each([
    ['mobilenet-v2', 20],
    // Its reference takes half a minute a picture.
    ['inception-v3', 5],
  ] as const)('gives what nsfwjs gives with %s', async (model, least) => {
    const file = new URL(`./golden/nsfwjs-${model}.json`, import.meta.url);
    const theirs = goldenSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const detector = await createNsfwjsDetector({ model, workers: 1 });
    for (const { id, scores } of theirs.pictures) {
      const difference = largestDifference(await labelsOf(detector, pictureOf(id)), scores);
      expect(difference, id).toBeLessThanOrEqual(TOLERANCE);
    }
    expect(theirs.pictures.length).toBeGreaterThanOrEqual(least);
    await detector.close();
  });
});

describe('the model file of nsfwjs', () => {
  let folder: string;
  const file = `${MODEL_NAME}.onnx`;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-models-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function problemOf(): Promise<SafelightError> {
    const modelsFolder = pathToFileURL(`${folder}/`);
    const error = await createNsfwjsDetector({ modelsFolder, workers: 1 }).then(
      () => new Error('it was accepted'),
      (problem: unknown) => problem,
    );
    if (!(error instanceof SafelightError)) throw error;
    expect(error.message).not.toContain(folder);
    expect(error.hint).toContain('npm run build');
    return error;
  }

  async function copyModel(change?: (bytes: Uint8Array) => Uint8Array): Promise<void> {
    for (const name of [file, `${MODEL_NAME}.json`]) {
      await cp(new URL(name, bundledModelsFolder()), join(folder, name));
    }
    if (change) await writeFile(join(folder, file), change(await readFile(join(folder, file))));
  }

  it('missing is said', async () => {
    expect((await problemOf()).code).toBe('model_missing');
    await copyModel();
    await rm(join(folder, file));
    expect((await problemOf()).code).toBe('model_missing');
  });

  it('changed by one bit is said', async () => {
    await copyModel((bytes) => {
      bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
      return bytes;
    });
    expect((await problemOf()).code).toBe('model_damaged');
  });

  it('cut short is said', async () => {
    await copyModel((bytes) => bytes.subarray(0, 1000));
    expect((await problemOf()).code).toBe('model_damaged');
  });

  it('that is no model, though its card fits, is said', async () => {
    const garbage = new TextEncoder().encode('not a model');
    await copyModel(() => garbage);
    const path = join(folder, `${MODEL_NAME}.json`);
    const card = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...card, sha256: sha256OfBytes(garbage) }));
    expect((await problemOf()).code).toBe('model_damaged');
  });

  it('with other labels than declared is said', async () => {
    await copyModel();
    const path = join(folder, `${MODEL_NAME}.json`);
    const card = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...card, labels: card.labels.toReversed() }));
    expect((await problemOf()).code).toBe('model_damaged');
  });
});
