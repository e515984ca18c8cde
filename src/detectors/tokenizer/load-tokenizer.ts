import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import type { ModelFiles } from '../onnx/model-files.ts';

export const TOKENIZER_FILE = 'tokenizer.json';

/** Turns texts into a model's token ids. */
export interface TextTokenizer {
  /** With the ids that begin and end a text. */
  encode(text: string): number[];
  /** Id of a token, where there is such a token. */
  idOf(token: string): number | undefined;
}

const tokenizerSchema = z.looseObject({
  model: z.looseObject({ vocab: z.record(z.string(), z.number().int().min(0)) }),
  added_tokens: z.array(z.looseObject({ id: z.number().int(), content: z.string() })).default([]),
});

/**
 * Reads a `tokenizer.json` as the Hugging Face hub has them: BPE, WordPiece and others.
 *
 * @throws SafelightError `model_missing` or `model_damaged`.
 */
export async function loadTokenizer(files: ModelFiles): Promise<TextTokenizer> {
  const bytes = await files.read(TOKENIZER_FILE);
  let tokenizer: Tokenizer;
  try {
    const json = tokenizerSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    tokenizer = new Tokenizer(json, {});
  } catch (cause) {
    throw new SafelightError(`${files.pathOf(TOKENIZER_FILE)} is no tokenizer`, {
      code: 'model_damaged',
      kind: 'environment',
      hint: 'It is to be the tokenizer.json that lies beside the model on the Hugging Face hub.',
      cause,
    });
  }
  return {
    encode: (text) => [...tokenizer.encode(text).ids],
    idOf: (token) => tokenizer.token_to_id(token),
  };
}
