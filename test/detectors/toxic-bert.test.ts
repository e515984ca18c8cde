import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { Finding } from '../../src/core/finding.ts';
import type { Detector, Subject } from '../../src/detectors/detector.ts';
import { writeOnnxModel } from '../../src/detectors/onnx/onnx-file.ts';
import { splitIntoWindows } from '../../src/detectors/toxic-bert/windows.ts';
import { createToxicBertDetector } from '../../src/detectors/toxic-bert.ts';
import { formulaPicture } from './clip/formula.ts';
import { imageOf, noContext } from './media-of.ts';

const vocabulary = z
  .object({ model: z.object({ vocab: z.record(z.string(), z.number()) }) })
  .parse(JSON.parse(await readFile(new URL('./tokenizer/wordpiece.json', import.meta.url), 'utf8')))
  .model.vocab;

/** Which logit a word lifts to 3; all others are -4. */
const LOGITS = { cat: 2, night: 3, dog: 5, street: 0 } as const;

/** The highest logit of any token, by label. */
function tinyBert(labels = 6): Uint8Array {
  const tokens = Object.keys(vocabulary).length;
  const table = new Float32Array(tokens * labels).fill(-4);
  for (const [word, label] of Object.entries(LOGITS)) {
    table[(vocabulary[word] ?? Number.NaN) * labels + label] = 3;
  }
  const wide = ['batch', 'tokens'];
  return writeOnnxModel(
    {
      name: 'bert',
      inputs: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => ({
        name,
        shape: wide,
        type: 'int64' as const,
      })),
      outputs: [{ name: 'logits', shape: ['batch', labels] }],
      nodes: [
        { operator: 'Add', inputs: ['input_ids', 'token_type_ids'], output: 'ids' },
        { operator: 'Mul', inputs: ['ids', 'attention_mask'], output: 'seen' },
        { operator: 'Gather', inputs: ['table', 'seen'], output: 'rows' },
        {
          operator: 'ReduceMax',
          inputs: ['rows'],
          output: 'logits',
          attributes: {
            axes: { kind: 'integers', value: [1] },
            keepdims: { kind: 'integer', value: 0 },
          },
        },
      ],
      initializers: [{ name: 'table', shape: [tokens, labels], values: table }],
    },
    'test',
  );
}

let folder: string;
let detector: Detector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-toxic-bert-'));
  await writeFile(join(folder, 'model.onnx'), tinyBert());
  const tokenizer = fileURLToPath(new URL('./tokenizer/wordpiece.json', import.meta.url));
  await copyFile(tokenizer, join(folder, 'tokenizer.json'));
  detector = await create();
});
afterAll(async () => {
  await detector.close();
  await rm(folder, { recursive: true, force: true });
});

function create(model = folder): Promise<Detector> {
  return createToxicBertDetector({ model, workers: 1 }, { store: folder, base: folder });
}

const LIFTED = 1 / (1 + Math.exp(-3));

async function flagged(subject: Subject, earlier: readonly Finding[] = []): Promise<string[]> {
  const [found] = await detector.detect(subject, { ...noContext, earlier });
  if (found?.result.kind !== 'scores') throw new Error(JSON.stringify(found));
  for (const { score } of found.result.scores) {
    expect(Math.min(Math.abs(score - LIFTED), score)).toBeLessThan(0.02);
  }
  return found.result.scores.filter(({ score }) => score > 0.5).map(({ hazard }) => hazard);
}

const text = (words: string): Subject => ({ kind: 'text', text: words });

it('maps its labels to hazards of the text carrier', async () => {
  expect(await flagged(text('a red chair'))).toEqual([]);
  expect(await flagged(text(''))).toEqual([]);
  expect(await flagged(text('a CAT'))).toEqual(['profanity']);
  expect(await flagged(text('the street'))).toEqual(['harassment']);
  expect(await flagged(text('cat and dog at night'))).toEqual(['profanity', 'violence', 'hate']);
  expect(detector.description.claims.every(({ carrier }) => carrier === 'text')).toBe(true);
  expect(detector.description.unverified).toBe(true);
});

it('reads all of a text that is longer than the model takes at once', async () => {
  const filler = 'a red chair '.repeat(400);
  expect(await flagged(text(`${filler}night`))).toEqual(['violence']);
  expect(await flagged(text(`dog ${filler}`))).toEqual(['hate']);
  expect(await flagged(text(`${filler} cat ${filler}`))).toEqual(['profanity']);
});

it('cuts no window longer than 512, and leaves out no token', () => {
  for (const length of [3, 512, 513, 958, 959, 960, 3000]) {
    const windows = splitIntoWindows(Array.from({ length }, (_, index) => index));
    expect(new Set(windows.flat()).size).toBe(length);
    for (const ids of windows) {
      expect(ids.length).toBeLessThanOrEqual(512);
      expect([ids[0], ids.at(-1)]).toEqual([0, length - 1]);
    }
  }
});

function readerFound(result: Finding['result']): Finding {
  return {
    detector: 'ocr-toxicity',
    version: '1',
    weightsSha256: null,
    claims: [{ hazard: 'hate', carrier: 'text' }],
    mediaSha256: '0'.repeat(64),
    result,
  };
}

it('judges in pictures what a reader before it found, and says so where none did', async () => {
  const picture = imageOf(formulaPicture(20, 20));
  const words = [
    { text: 'the', confidence: 0.9 },
    { text: 'dog', confidence: 0.9 },
  ];
  expect(
    await flagged(picture, [readerFound({ kind: 'scores', scores: [], detail: { words } })]),
  ).toEqual(['hate']);
  const [nothing] = await detector.detect(picture, {
    ...noContext,
    earlier: [readerFound({ kind: 'scores', scores: [] })],
  });
  expect(nothing?.result).toMatchObject({ kind: 'scores', scores: [{ score: 0 }, {}, {}, {}] });
  const [unread] = await detector.detect(picture, {
    ...noContext,
    earlier: [readerFound({ kind: 'abstained', code: 'unreadable_text', reason: 'blurred' })],
  });
  expect(unread?.result).toMatchObject({ kind: 'abstained', code: 'unreadable_text' });
  const [alone] = await detector.detect(picture, noContext);
  expect(alone?.result).toMatchObject({
    kind: 'abstained',
    reason: expect.stringMatching(/ocr-toxicity/),
  });
});

it('abstains where the model is another one', async () => {
  const other = await mkdtemp(join(tmpdir(), 'safelight-toxic-bert-'));
  await writeFile(join(other, 'model.onnx'), tinyBert(7));
  await copyFile(join(folder, 'tokenizer.json'), join(other, 'tokenizer.json'));
  const wrong = await create(other);
  const [found] = await wrong.detect(text('a cat'), noContext);
  expect(found?.result).toMatchObject({
    kind: 'abstained',
    reason: expect.stringMatching(/expected 6 logits/),
  });
  await wrong.close();
  await rm(other, { recursive: true, force: true });
});

it('says how to get the model where it is not there', async () => {
  await expect(create('toxic-bert')).rejects.toMatchObject({
    code: 'model_missing',
    hint: expect.stringContaining('models pull toxic-bert'),
  });
});
