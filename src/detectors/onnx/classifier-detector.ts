import sharp from 'sharp';
import { SafelightError } from '../../core/errors.ts';
import type { RgbImage } from '../../media/media.ts';
import type { Detector, DetectorDescription } from '../detector.ts';
import type { ClassifierDeclaration, ClassifierInput } from './classifier-declaration.ts';
import { type LabelProbabilities, readLabels, scoreLabels } from './classifier-output.ts';
import { createOnnxPool, type OnnxPool } from './onnx-pool.ts';
import { createPictureDetector } from './picture-detector.ts';
import { cropToInput, normalise, preprocess, resizeForInput, sampleShape } from './preprocess.ts';
import { floatOutput } from './tensors.ts';

export interface ClassifierOptions {
  /** Worker threads. Default: one for each processor, at most 4. */
  readonly workers?: number | undefined;
}

/** The weights of a classifier, and what is to be said of them. */
export interface ClassifierWeights {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly notes: readonly string[];
  /** How to get them anew, for an error's hint. */
  readonly remedy: string;
}

/**
 * A detector from a declaration and a model.
 *
 * @throws SafelightError `model_damaged` where the runtime cannot load the model, or it has not the
 * declared inputs or outputs.
 */
export async function createClassifierDetector(
  declaration: ClassifierDeclaration,
  weights: ClassifierWeights,
  options: ClassifierOptions = {},
): Promise<Detector> {
  const pool = await startPool(declaration, weights, options);
  const inputName = declaration.input.name ?? pool.names.inputs[0] ?? '';

  async function classify(image: RgbImage, signal: AbortSignal): Promise<LabelProbabilities> {
    const { input } = declaration;
    const reencoded = input.jpegQuality === undefined ? null : await reencode(image, input);
    const outputs = await pool.run(() => {
      const values =
        reencoded === null
          ? preprocess(image, input)
          : normalise(cropToInput(reencoded, input), input);
      return { [inputName]: { type: 'float32', shape: sampleShape(input), values } };
    }, signal);
    return readLabels(floatOutput(outputs, declaration.output), declaration);
  }

  return createPictureDetector({
    description: describe(declaration, weights),
    async look(image, signal) {
      const labels = await classify(image, signal);
      return { scores: scoreLabels(labels, declaration), labels };
    },
    close: () => pool.close(),
  });
}

async function startPool(
  declaration: ClassifierDeclaration,
  weights: ClassifierWeights,
  { workers }: ClassifierOptions,
): Promise<OnnxPool> {
  const { id, input, output } = declaration;
  let pool: OnnxPool;
  try {
    // A batch of one, the pool's default: measured, on a CPU larger batches are no faster.
    pool = await createOnnxPool({
      model: weights.bytes,
      ...(workers === undefined ? {} : { workers }),
    });
  } catch (cause) {
    throw unusable(id, 'the runtime cannot load it', weights, cause);
  }
  for (const [wanted, names] of [
    [input.name, pool.names.inputs],
    [output, pool.names.outputs],
  ] as const) {
    if (wanted === undefined || names.includes(wanted)) continue;
    await pool.close();
    throw unusable(id, `it has no "${wanted}"; it has: ${names.join(', ')}`, weights);
  }
  return pool;
}

function unusable(
  id: string,
  problem: string,
  { remedy }: ClassifierWeights,
  cause?: unknown,
): SafelightError {
  return new SafelightError(`the classifier model of ${id} is damaged: ${problem}`, {
    code: 'model_damaged',
    kind: 'environment',
    hint: remedy,
    cause,
  });
}

function describe(
  declaration: ClassifierDeclaration,
  weights: ClassifierWeights,
): DetectorDescription {
  const thresholds = declaration.scores.flatMap(({ hazard, carrier, threshold }) =>
    threshold === undefined ? [] : [{ hazard, carrier, threshold }],
  );
  return {
    id: declaration.id,
    version: declaration.version,
    weightsSha256: weights.sha256,
    claims: declaration.scores.map(({ hazard, carrier }) => ({ hazard, carrier })),
    reads: ['image', 'video'],
    licence: declaration.licence,
    notes: [...weights.notes, ...declaration.notes],
    testDouble: false,
    ...(declaration.verified ? {} : { unverified: true }),
    ...(thresholds.length === 0 ? {} : { suggestedThresholds: thresholds }),
  };
}

/** OpenNSFW was trained on pictures that had gone through JPEG at its own size. */
async function reencode(image: RgbImage, input: ClassifierInput): Promise<RgbImage> {
  const { rgb, widthPx, heightPx } = resizeForInput(image, input);
  const raw = { width: widthPx, height: heightPx, channels: 3 } as const;
  const jpeg = await sharp(rgb, { raw })
    .jpeg({ quality: input.jpegQuality ?? 75 })
    .toBuffer();
  return { widthPx, heightPx, rgb: await sharp(jpeg).raw().toBuffer() };
}
