import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { locateModelFiles } from '../../../src/detectors/onnx/model-files.ts';
import { loadTokenizer } from '../../../src/detectors/tokenizer/load-tokenizer.ts';

const idsSchema = z.array(z.array(z.number()));
const golden = z
  .object({ texts: z.array(z.string()), bpe: idsSchema, wordpiece: idsSchema })
  .parse(JSON.parse(await readFile(new URL('./golden.json', import.meta.url), 'utf8')));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'safelight-tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const load = () => loadTokenizer(locateModelFiles(folder, { store: '/nowhere', base: folder }));

it.each(['bpe', 'wordpiece'] as const)('makes the ids of the Python package (%s)', async (kind) => {
  const from = fileURLToPath(new URL(`./${kind}.json`, import.meta.url));
  await copyFile(from, join(folder, 'tokenizer.json'));
  const tokenizer = await load();
  golden.texts.forEach((text, index) => {
    expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(golden[kind][index]);
  });
});

it('says so where the file is no tokenizer', async () => {
  for (const text of ['', '{}', '{"model": {"type": "BPE", "vocab": 3}}']) {
    await writeFile(join(folder, 'tokenizer.json'), text);
    await expect(load()).rejects.toMatchObject({ code: 'model_damaged' });
  }
  await rm(join(folder, 'tokenizer.json'));
  await expect(load()).rejects.toMatchObject({ code: 'model_missing' });
});
