import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { clipInput } from '../../../src/detectors/clip/clip-input.ts';
import type { ClipHead } from '../../../src/detectors/clip/head.ts';
import { createLaionHead } from '../../../src/detectors/clip/laion-head.ts';
import { createMultiHeadedHead } from '../../../src/detectors/clip/multi-headed-head.ts';
import { createQ16Head } from '../../../src/detectors/clip/q16-head.ts';
import { createSdSafetyHead } from '../../../src/detectors/clip/sd-safety-head.ts';
import { createZeroShotHead } from '../../../src/detectors/clip/zero-shot-head.ts';
import { preprocess } from '../../../src/detectors/onnx/preprocess.ts';
import {
  formulaPicture,
  goldenVectors,
  laionWeights,
  multiHeadedWeights,
  q16Weights,
  sdSafetyWeights,
  tensor,
} from './formula.ts';

const numbersSchema = z.array(z.number());
const golden = z
  .object({
    preprocessing: z.object({
      cases: z.array(
        z.object({ widthPx: z.number(), heightPx: z.number(), values: numbersSchema }),
      ),
    }),
    laion: numbersSchema,
    q16: z.array(numbersSchema),
    multiHeaded: z.array(numbersSchema),
    sdSafety: z.array(z.boolean()),
    zeroShot: z.object({
      image: numbersSchema,
      texts: z.array(numbersSchema),
      probabilities: numbersSchema,
    }),
  })
  .parse(JSON.parse(await readFile(new URL('./golden.json', import.meta.url), 'utf8')));

function expectClose(found: readonly number[], expected: readonly number[], tolerance: number) {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, index) => {
    expect(Math.abs(value - (expected[index] ?? Number.NaN)), `${index}`).toBeLessThan(tolerance);
  });
}

function scoresOf(head: ClipHead, vectors: readonly Float32Array[]): number[][] {
  return vectors.map((vector) => head.read(vector).scores.map(({ score }) => score));
}

it.each(golden.preprocessing.cases)(
  'makes of $widthPx × $heightPx what the processor of transformers makes',
  ({ widthPx, heightPx, values }) => {
    const found = preprocess(formulaPicture(widthPx, heightPx), clipInput(224));
    expect(found).toHaveLength(3 * 224 * 224);
    expectClose([...found.filter((_, index) => index % 997 === 0)], values, 1e-5);
  },
);

it('reads LAION’s head as PyTorch does', () => {
  const scores = scoresOf(createLaionHead(laionWeights()), goldenVectors());
  expectClose(scores.flat(), golden.laion, 1e-5);
});

it('reads Q16 as PyTorch does, for all of its hazards alike', () => {
  const head = createQ16Head(q16Weights());
  const scores = scoresOf(head, goldenVectors());
  expectClose(
    scores.map(([first]) => first ?? Number.NaN),
    golden.q16.map(([, unsafe]) => unsafe ?? Number.NaN),
    1e-5,
  );
  for (const row of scores) expect(new Set(row).size).toBe(1);
  const claimed = head.claims.map(({ hazard }) => hazard);
  expect(claimed).not.toContain('sexual');
  expect(claimed).not.toContain('health_spam');
});

it('reads the five heads as PyTorch does, and not the vector of length 1', () => {
  const head = createMultiHeadedHead(multiHeadedWeights());
  const vectors = goldenVectors().map((vector) => vector.map((value) => value / 10));
  scoresOf(head, vectors).forEach((row, index) => {
    expectClose(row, golden.multiHeaded[index] ?? [], 1e-5);
  });
  expect(head.claims.map(({ hazard }) => hazard)).toEqual([
    'sexual',
    'violence',
    'shocking',
    'hate',
    'political',
  ]);
  const unit = new Float32Array(768);
  unit[0] = 1;
  expect(() => head.read(unit)).toThrow('as they are');
});

it('flags what the safety checker of diffusers flags', () => {
  const head = createSdSafetyHead(sdSafetyWeights());
  const flagged = golden.sdSafety.map((_, index) => {
    const { scores } = head.read(tensor(900 + index, [16]).values);
    return (scores[0]?.score ?? Number.NaN) >= (head.threshold ?? Number.NaN);
  });
  expect(flagged).toEqual(golden.sdSafety);
  expect(new Set(golden.sdSafety)).toEqual(new Set([true, false]));
});

it('starts the safety checker with another adjustment where it is told to', () => {
  const vector = tensor(901, [16]).values;
  const margin = (head: ClipHead): number => head.read(vector).scores[0]?.score ?? Number.NaN;
  const [plain, strict] = [0, 0.2].map((by) => margin(createSdSafetyHead(sdSafetyWeights(), by)));
  expect(plain).toBeLessThan(0.5);
  expect(strict).toBeGreaterThan(plain ?? 1);
});

it('shares probability among captions as CLIP does', async () => {
  const { image, texts, probabilities } = golden.zeroShot;
  const vectors = texts.map((text) => Float32Array.from(text));
  const vector = Float32Array.from(image);
  for (const positives of [1, 2, 3]) {
    const captions = texts.map((_, index) => `caption ${index}`);
    const head = await createZeroShotHead(
      { violence: { positive: captions.slice(0, positives), negative: captions.slice(positives) } },
      async () => vectors,
    );
    const sum = probabilities.slice(0, positives).reduce((total, value) => total + value, 0);
    expectClose([head.read(vector).scores[0]?.score ?? Number.NaN], [sum], 1e-4);
  }
});

it.each([
  ['laion', () => createLaionHead(new Map())],
  ['q16', () => createQ16Head(new Map([['prompts', tensor(1, [3, 8])]]))],
  ['multi-headed', () => createMultiHeadedHead(laionWeights())],
  ['sd-safety', () => createSdSafetyHead(new Map())],
])('says what is missing in the weights of %s', (_, create) => {
  expect(create).toThrow(expect.objectContaining({ code: 'weights_damaged' }));
});

it('refuses vectors of another encoder, and those without a direction', () => {
  const head = createLaionHead(laionWeights());
  expect(() => head.read(new Float32Array(512).fill(1))).toThrow('768');
  expect(() => head.read(new Float32Array(768))).toThrow('direction');
});
