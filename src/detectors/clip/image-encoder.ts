import type { RgbImage } from '../../media/media.ts';
import type { ModelFiles } from '../onnx/model-files.ts';
import type { OnnxPool } from '../onnx/onnx-pool.ts';
import { preprocess, sampleShape } from '../onnx/preprocess.ts';
import { largeModelThreads, preferredName, startPool } from '../onnx/start-pool.ts';
import { floatOutput } from '../onnx/tensors.ts';
import { clipInput } from './clip-input.ts';

export const VISION_FILE = 'vision_model.onnx';

export interface ImageEncoderOptions {
  /** Side of the model's input. */
  readonly sizePx: number;
  readonly workers: number | undefined;
}

/** Turns pictures into vectors. */
export interface ImageEncoder {
  readonly sha256: string;
  /** Each picture is encoded once, whoever asks; the vector is not to be changed. */
  embed(image: RgbImage, signal: AbortSignal): Promise<Float32Array>;
  /** Idempotent. The model goes when its last user has closed it. */
  close(): Promise<void>;
}

interface Loaded {
  readonly sha256: string;
  readonly pool: OnnxPool;
  readonly vectors: WeakMap<RgbImage, Promise<Float32Array>>;
}

interface Shared {
  users: number;
  readonly loaded: Promise<Loaded>;
}

/** Of this process, by place and size: the heads of one run share an encoder and its work. */
const open = new Map<string, Shared>();

/** @throws SafelightError `model_missing` or `model_damaged`. */
export async function openImageEncoder(
  files: ModelFiles,
  options: ImageEncoderOptions,
): Promise<ImageEncoder> {
  const key = JSON.stringify([files.place, options.sizePx]);
  const shared = open.get(key) ?? { users: 0, loaded: load(files, options) };
  open.set(key, shared);
  shared.users += 1;
  let closed = false;
  const leave = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    shared.users -= 1;
    if (shared.users > 0) return;
    if (open.get(key) === shared) open.delete(key);
    await shared.loaded.then(
      ({ pool }) => pool.close(),
      () => undefined,
    );
  };
  try {
    const loaded = await shared.loaded;
    return {
      sha256: loaded.sha256,
      embed: (image, signal) => embedOnce(loaded, image, options.sizePx, signal),
      close: leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

async function load(files: ModelFiles, { workers }: ImageEncoderOptions): Promise<Loaded> {
  const sha256 = await files.sha256Of(VISION_FILE);
  const model = await files.read(VISION_FILE);
  const pool = await startPool(files.pathOf(VISION_FILE), model, largeModelThreads(workers));
  return { sha256, pool, vectors: new WeakMap() };
}

async function embedOnce(
  { pool, vectors }: Loaded,
  image: RgbImage,
  sizePx: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const known = vectors.get(image);
  if (known !== undefined) {
    try {
      return await known;
    } catch {
      // Whoever asked first may have been interrupted; who asks now was not.
      signal.throwIfAborted();
    }
  }
  const vector = encode(pool, image, sizePx, signal);
  vectors.set(image, vector);
  return vector;
}

async function encode(
  pool: OnnxPool,
  image: RgbImage,
  sizePx: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const input = clipInput(sizePx);
  const inputName = preferredName(pool.names.inputs, 'pixel_values');
  const outputs = await pool.run(
    () => ({
      [inputName]: {
        type: 'float32',
        shape: sampleShape(input),
        values: preprocess(image, input),
      },
    }),
    signal,
  );
  return floatOutput(outputs, preferredName(pool.names.outputs, 'image_embeds'));
}
