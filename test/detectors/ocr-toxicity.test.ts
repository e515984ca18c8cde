import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findingResultSchema } from '../../src/core/finding.ts';
import type { VideoAggregation } from '../../src/core/video-settings.ts';
import type { DetectionContext, Detector } from '../../src/detectors/detector.ts';
import type { TextReader } from '../../src/detectors/ocr/reader.ts';
import { createOcrToxicityDetector } from '../../src/detectors/ocr-toxicity.ts';
import type { ImageMedia, RgbImage, VideoMedia } from '../../src/media/media.ts';
import { renderPicture } from './ocr/render-text.ts';

const context: DetectionContext = {
  signal: new AbortController().signal,
  prompt: undefined,
  earlier: [],
};
const REF = { sha256: '0'.repeat(64), mime: 'image/png', sizeBytes: 0 };

function toImage(image: RgbImage): ImageMedia {
  return { kind: 'image', ref: { ...REF, kind: 'image' }, image, bytes: new Uint8Array() };
}

function toVideo(images: readonly RgbImage[]): VideoMedia {
  const frames = images.map((image, index) => ({ ...image, timeMs: index * 500 }));
  return {
    kind: 'video',
    ref: { ...REF, kind: 'video' },
    frames,
    sampling: {
      durationMs: images.length * 500,
      frameTimesMs: frames.map(({ timeMs }) => timeMs),
      largestGapMs: 500,
      hasAudio: false,
    },
    bytes: new Uint8Array(),
  };
}

let detector: Detector;
beforeAll(async () => {
  detector = await createOcrToxicityDetector();
});
afterAll(() => detector.close());

async function judge(subject: ImageMedia | VideoMedia | { kind: 'text'; text: string }) {
  const results = await detector.detect(subject, context);
  expect(results).toHaveLength(1);
  const [only] = results;
  if (only === undefined) throw new Error('no result');
  expect(findingResultSchema.parse(only.result)).toEqual(only.result);
  return only.result;
}

const TOXIC = [
  'KILL YOURSELF',
  'go back to your country',
  'immigrants are vermin',
  'they are parasites',
  'WHAT THE FUCK',
  'you are worthless',
  'No foreigners allowed',
  'watch your back',
];
const HARMLESS = ['fresh bread daily', 'kill the lights', 'Moby Dick', 'dead end', 'women welcome'];

describe('pictures', () => {
  test('claims written hazards only', () => {
    expect(detector.description.claims.map(({ hazard }) => hazard)).toEqual([
      'sexual',
      'violence',
      'hate',
      'harassment',
      'profanity',
      'self_harm',
      'extremism',
    ]);
    expect(detector.description.claims.every(({ carrier }) => carrier === 'text')).toBe(true);
    expect(detector.description.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('finds most planted toxic text on five grounds', async () => {
    let found = 0;
    const count = 32;
    for (let seed = 0; seed < count; seed++) {
      const text = TOXIC[seed % TOXIC.length];
      const result = await judge(toImage(await renderPicture({ text, seed })));
      if (result.kind === 'scores' && result.scores.some(({ score }) => score >= 0.5)) found++;
    }
    expect(found / count).toBeGreaterThanOrEqual(0.65);
  });

  test('raises no false alarm on harmless text and on pictures without text', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const text = seed % 2 === 0 ? HARMLESS[(seed / 2) % HARMLESS.length] : undefined;
      const result = await judge(toImage(await renderPicture({ text, seed: 700 + seed })));
      if (result.kind === 'scores')
        expect(result.scores.every(({ score }) => score === 0)).toBe(true);
      else expect(result).toMatchObject({ kind: 'abstained', code: 'unreadable_text' });
    }
  });

  test('says which words and which rule', async () => {
    const image = await renderPicture({ text: 'KILL YOURSELF', seed: 4, ground: 'plain' });
    const result = await judge(toImage(image));
    expect(result).toMatchObject({
      kind: 'scores',
      detail: {
        words: [{ text: 'KILL' }, { text: 'YOURSELF' }],
        hits: [
          {
            axis: 'self_harm',
            rule: 'self_harm.kill_yourself',
            start: 0,
            end: 13,
            text: 'kill yourself',
          },
        ],
      },
    });
  });

  test('a picture without a sign of text is negative, not unknown', async () => {
    const blank = { widthPx: 64, heightPx: 64, rgb: new Uint8Array(64 * 64 * 3).fill(200) };
    const result = await judge(toImage(blank));
    expect(result).toMatchObject({ kind: 'scores', detail: { words: [] } });
  });

  test('text that is there and cannot be read is an abstention', async () => {
    // Rows of letter-like hooks that are no letters.
    const sidePx = 512;
    const rgb = new Uint8Array(sidePx * sidePx * 3).fill(240);
    for (let letter = 0; letter < 12; letter++) {
      for (let y = 200; y < 230; y++) {
        for (let x = 0; x < 14; x++) {
          const stroke = x < 4 || (y - 200 + letter * 5) % 13 < 3 || (x + letter) % 7 === 0;
          if (stroke)
            rgb.fill(
              20,
              (y * sidePx + 60 + letter * 22 + x) * 3,
              (y * sidePx + 61 + letter * 22 + x) * 3,
            );
        }
      }
    }
    const result = await judge(toImage({ widthPx: sidePx, heightPx: sidePx, rgb }));
    expect(result).toMatchObject({ kind: 'abstained', code: 'unreadable_text' });
  });

  test('the same pictures in another order, and all at once, give identical findings', async () => {
    const images = await Promise.all(
      Array.from({ length: 10 }, (_, seed) =>
        renderPicture({ text: [...TOXIC, ...HARMLESS][seed], seed: 40 + seed }),
      ),
    );
    const forwards = [];
    for (const image of images) forwards.push(await judge(toImage(image)));
    const backwards = [];
    for (const image of [...images].reverse()) backwards.unshift(await judge(toImage(image)));
    const atOnce = await Promise.all(images.map((image) => judge(toImage(image))));
    expect(backwards).toEqual(forwards);
    expect(atOnce).toEqual(forwards);
  });
});

describe('videos', () => {
  test('text that stays is sustained, and is told once', async () => {
    const toxic = await renderPicture({ text: 'KILL YOURSELF', seed: 4, ground: 'plain' });
    const blank = await renderPicture({ text: undefined, seed: 5, ground: 'plain' });
    const result = await judge(toVideo([blank, toxic, toxic, toxic]));
    expect(result).toMatchObject({
      kind: 'scores',
      detail: {
        hits: [{ rule: 'self_harm.kill_yourself' }],
        words: [
          { text: 'KILL', timeMs: 500, untilMs: 1500 },
          { text: 'YOURSELF', timeMs: 500, untilMs: 1500 },
        ],
        timeline: [{ score: 0 }, { score: 0.95 }, { score: 0.95 }, { score: 0.95 }],
      },
    });
    if (result.kind !== 'scores') throw new Error('no scores');
    expect(result.scores.find(({ hazard }) => hazard === 'self_harm')).toMatchObject({
      score: 0.95,
      peak: 0.95,
    });
  });

  test('a single frame is a peak and no more', async () => {
    const toxic = await renderPicture({ text: 'KILL YOURSELF', seed: 4, ground: 'plain' });
    const blank = await renderPicture({ text: undefined, seed: 5, ground: 'dark' });
    const result = await judge(toVideo([blank, toxic, blank]));
    if (result.kind !== 'scores') throw new Error('no scores');
    expect(result.scores.find(({ hazard }) => hazard === 'self_harm')).toMatchObject({
      score: 0,
      peak: 0.95,
    });
  });
});

test('a frame that cannot be read hides nothing where two must agree, and may where one decides', async () => {
  const grey = (value: number): RgbImage => ({
    ...{ widthPx: 64, heightPx: 64 },
    rgb: new Uint8Array(64 * 64 * 3).fill(value),
  });
  // White frames hold letters that no engine can read; the real engines' signs are tested elsewhere.
  const reader: TextReader = {
    description: { name: 'made', licence: 'MIT', notes: [] },
    weightsSha256: '0'.repeat(64),
    read: async ({ rgb }) => ({ words: [], sign: rgb[0] === 255 ? 'strong' : 'none' }),
    close: async () => undefined,
  };
  const unsure = await createOcrToxicityDetector({ reader });
  const kindOf = async (levels: readonly number[], aggregation: VideoAggregation) => {
    const [found] = await unsure.detect(toVideo(levels.map(grey)), { ...context, aggregation });
    return found?.result.kind;
  };
  expect(await kindOf([0, 255, 0], 'sustained')).toBe('scores');
  expect(await kindOf([0, 255, 0], 'worst-frame')).toBe('abstained');
  expect(await kindOf([0, 255, 255], 'sustained')).toBe('abstained');
  expect(await kindOf([0, 0, 0], 'worst-frame')).toBe('scores');
});

test('a text goes straight to the rules', async () => {
  expect(await judge({ kind: 'text', text: 'immigrants are vermin' })).toMatchObject({
    kind: 'scores',
    detail: { hits: expect.arrayContaining([expect.objectContaining({ axis: 'hate' })]) },
  });
});

test('an abort rejects with its reason', async () => {
  const reason = new Error('stop');
  const aborted: DetectionContext = { ...context, signal: AbortSignal.abort(reason) };
  await expect(detector.detect({ kind: 'text', text: 'a' }, aborted)).rejects.toBe(reason);
});
