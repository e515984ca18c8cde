import type { ModelTensor, ModelTensors } from '../onnx/tensors.ts';

/** BERT reads no more at once, first and last token included. */
const WINDOW_TOKENS = 512;
/** Neighbouring windows share as many, so that no phrase is cut in both. */
const OVERLAP_TOKENS = 64;

/** @param ids with the tokens that begin and end a text, which each window gets. */
export function splitIntoWindows(ids: readonly number[]): readonly (readonly number[])[] {
  if (ids.length <= WINDOW_TOKENS) return [ids];
  const [first, last] = [ids.slice(0, 1), ids.slice(-1)];
  const inner = ids.slice(1, -1);
  const size = WINDOW_TOKENS - 2;
  const windows: number[][] = [];
  for (
    let from = 0;
    from === 0 || from + OVERLAP_TOKENS < inner.length;
    from += size - OVERLAP_TOKENS
  ) {
    windows.push([...first, ...inner.slice(from, from + size), ...last]);
  }
  return windows;
}

/**
 * One text for a BERT, unpadded, for the inputs that the model has.
 *
 * @throws RangeError for an input that BERT does not have.
 */
export function toBertInputs(ids: readonly number[], names: readonly string[]): ModelTensors {
  return Object.fromEntries(
    names.map((name): [string, ModelTensor] => {
      const valueAt = VALUES[name];
      if (valueAt === undefined) throw new RangeError(`the model wants an unknown input ${name}`);
      const values = BigInt64Array.from(ids, (id) => valueAt(id));
      return [name, { type: 'int64', shape: [1, ids.length], values }];
    }),
  );
}

const VALUES: Readonly<Record<string, (id: number) => bigint>> = {
  input_ids: (id) => BigInt(id),
  attention_mask: () => 1n,
  token_type_ids: () => 0n,
};
