import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { sha256Of } from '../../core/ids.ts';
import type { ModelFiles } from '../onnx/model-files.ts';
import { largeModelThreads, preferredName, startPool } from '../onnx/start-pool.ts';
import { floatOutput, type ModelTensor, type ModelTensors } from '../onnx/tensors.ts';
import { loadTokenizer, type TextTokenizer, TOKENIZER_FILE } from '../tokenizer/load-tokenizer.ts';

export const TEXT_FILE = 'text_model.onnx';

/** CLIP's texts are this long, filled up with its end token. */
const CONTEXT_TOKENS = 77;
const END_TOKEN = '<|endoftext|>';

const vectorSchema = z.array(z.number()).min(1);

export interface TextVectors {
  /** As the encoder gives them, in the order of the texts. */
  readonly vectors: readonly Float32Array[];
  /** Of the model and its tokenizer. */
  readonly sha256: string;
}

/**
 * Encodes texts. Vectors are kept by hash of model, tokenizer and text, so that the model is loaded
 * only for texts that are new.
 *
 * @param cacheFolder is made where it is not there.
 * @throws SafelightError `model_missing`, `model_damaged`.
 */
export async function encodeTexts(
  texts: readonly string[],
  files: ModelFiles,
  cacheFolder: string,
): Promise<TextVectors> {
  const sha256 = sha256Of([await files.sha256Of(TEXT_FILE), await files.sha256Of(TOKENIZER_FILE)]);
  const pathOf = (text: string): string => join(cacheFolder, `${sha256Of([sha256, text])}.json`);
  const known = new Map<string, Float32Array>();
  for (const text of texts) {
    const vector = await readVector(pathOf(text));
    if (vector !== undefined) known.set(text, vector);
  }
  const unknown = [...new Set(texts)].filter((text) => !known.has(text));
  if (unknown.length > 0) {
    await mkdir(cacheFolder, { recursive: true });
    for (const [text, vector] of await runEncoder(unknown, files)) {
      known.set(text, vector);
      const temporary = join(cacheFolder, randomUUID());
      await writeFile(temporary, JSON.stringify([...vector]));
      await rename(temporary, pathOf(text));
    }
  }
  return { vectors: texts.flatMap((text) => known.get(text) ?? []), sha256 };
}

/** A file that is not there or not whole is made anew. */
async function readVector(path: string): Promise<Float32Array | undefined> {
  try {
    return Float32Array.from(vectorSchema.parse(JSON.parse(await readFile(path, 'utf8'))));
  } catch {
    return undefined;
  }
}

async function runEncoder(
  texts: readonly string[],
  files: ModelFiles,
): Promise<Map<string, Float32Array>> {
  const tokenizer = await loadTokenizer(files);
  const model = await files.read(TEXT_FILE);
  const pool = await startPool(files.pathOf(TEXT_FILE), model, largeModelThreads(undefined));
  try {
    const output = preferredName(pool.names.outputs, 'text_embeds');
    const vectors = new Map<string, Float32Array>();
    for (const text of texts) {
      const outputs = await pool.run(() => toInputs(text, tokenizer, pool.names.inputs));
      vectors.set(text, floatOutput(outputs, output));
    }
    return vectors;
  } finally {
    await pool.close();
  }
}

function toInputs(text: string, tokenizer: TextTokenizer, names: readonly string[]): ModelTensors {
  const end = tokenizer.idOf(END_TOKEN);
  const ids = tokenizer.encode(text);
  if (end === undefined || ids.at(-1) !== end) {
    throw new SafelightError('the tokenizer is not that of a CLIP model', {
      code: 'model_damaged',
      kind: 'environment',
      hint: `Its texts do not end with ${END_TOKEN}: take the tokenizer.json of the text encoder.`,
    });
  }
  const kept = ids.length <= CONTEXT_TOKENS ? ids : [...ids.slice(0, CONTEXT_TOKENS - 1), end];
  const values: Readonly<Record<string, (index: number) => number>> = {
    input_ids: (index) => kept[index] ?? end,
    attention_mask: (index) => (index < kept.length ? 1 : 0),
  };
  return Object.fromEntries(
    names.map((name): [string, ModelTensor] => {
      // A model with a single input reads ids, whatever it calls them.
      const valueAt = values[names.length === 1 ? 'input_ids' : name];
      if (valueAt === undefined) throw new RangeError(`the text encoder wants an unknown ${name}`);
      return [
        name,
        {
          type: 'int64',
          shape: [1, CONTEXT_TOKENS],
          values: BigInt64Array.from({ length: CONTEXT_TOKENS }, (_, i) => BigInt(valueAt(i))),
        },
      ];
    }),
  );
}
