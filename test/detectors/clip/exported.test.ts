import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openImageEncoder } from '../../../src/detectors/clip/image-encoder.ts';
import { encodeTexts } from '../../../src/detectors/clip/text-encoder.ts';
import { locateModelFiles } from '../../../src/detectors/onnx/model-files.ts';
import { createToxicBertDetector } from '../../../src/detectors/toxic-bert.ts';
import { noContext } from '../media-of.ts';
import { formulaPicture } from './formula.ts';

/** With torch, transformers and onnx. */
const python = process.env.SAFELIGHT_TEST_EXPORT_PYTHON;

const saidSchema = z.object({
  clip: z.object({
    texts: z.array(z.string()),
    textVectors: z.array(z.array(z.number())),
    imageVector: z.array(z.number()),
  }),
  bert: z.object({ texts: z.array(z.string()), probabilities: z.array(z.array(z.number())) }),
});

function expectClose(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of Array.from(found).entries()) {
    expect(Math.abs(value - (expected[index] ?? Number.NaN))).toBeLessThan(1e-4);
  }
}

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

describe.skipIf(python === undefined)('models that transformers exports to ONNX', () => {
  let folder: string;
  let said: z.infer<typeof saidSchema>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'safelight-export-'));
    const { stdout } = await promisify(execFile)(python ?? '', [
      file('./export-tiny.py'),
      folder,
      file('../tokenizer/bpe.json'),
      file('../tokenizer/wordpiece.json'),
    ]);
    said = saidSchema.parse(JSON.parse(stdout));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('give the vectors that PyTorch gives, from pixels and letters on', async () => {
    const { texts, textVectors, imageVector } = said.clip;
    const files = locateModelFiles('./clip', { base: folder, store: folder });
    const encoder = await openImageEncoder(files, { sizePx: 32, workers: 1 });
    const { signal } = new AbortController();
    expectClose(await encoder.embed(formulaPicture(90, 60), signal), imageVector);
    await encoder.close();
    const { vectors } = await encodeTexts(texts, files, join(folder, 'vectors'));
    expect(vectors).toHaveLength(textVectors.length);
    for (const [index, vector] of vectors.entries()) expectClose(vector, textVectors[index] ?? []);
  });

  it('are read by a BERT of six labels as PyTorch reads them', async () => {
    const detector = await createToxicBertDetector(
      { model: './bert' },
      { base: folder, store: join(folder, 'store') },
    );
    for (const [index, text] of said.bert.texts.entries()) {
      const [found] = await detector.detect({ kind: 'text', text }, noContext);
      if (found?.result.kind !== 'scores') throw new Error(JSON.stringify(found));
      const labels = Object.values(found.result.detail?.labels ?? {});
      expectClose(labels, said.bert.probabilities[index] ?? []);
    }
    await detector.close();
  });
});
