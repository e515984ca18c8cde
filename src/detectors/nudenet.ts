import { SafelightError } from '../core/errors.ts';
import type { RgbImage } from '../media/media.ts';
import type { Detector } from './detector.ts';
import { type BodyPart, decodeBoxes, type NudenetLabel } from './nudenet/decode-boxes.ts';
import { type ClassifierInput, classifierInputSchema } from './onnx/classifier-declaration.ts';
import { installedModelsFolder, readModelFile } from './onnx/installed-models.ts';
import { createOnnxPool, type OnnxPool } from './onnx/onnx-pool.ts';
import { createPictureDetector } from './onnx/picture-detector.ts';
import { normalise, sampleShape } from './onnx/preprocess.ts';
import { padToSquare } from './onnx/resample.ts';
import { floatOutput } from './onnx/tensors.ts';
import { resizeRgb } from './ppocr/resize-rgb.ts';

export interface NudenetOptions {
  /** Worker threads. Default: one for each processor, at most 4. */
  readonly workers?: number | undefined;
  /** Of the model store. Default: see {@link installedModelsFolder}. */
  readonly folder?: string | undefined;
}

const MODEL_PX = 320;

/** The package swaps red and blue twice, so a file's picture reaches the model as BGR. */
export const NUDENET_INPUT: ClassifierInput = classifierInputSchema.parse({
  widthPx: MODEL_PX,
  heightPx: MODEL_PX,
  resize: 'pad-square',
  colours: 'BGR',
});

/** The classes that count as nudity; all others are told and not counted. */
const COUNTED: ReadonlySet<NudenetLabel> = new Set([
  'FEMALE_BREAST_EXPOSED',
  'FEMALE_GENITALIA_EXPOSED',
  'MALE_GENITALIA_EXPOSED',
  'BUTTOCKS_EXPOSED',
  'ANUS_EXPOSED',
]);

/**
 * Looks for body parts in pictures and sampled frames with NudeNet 320n. Claims sexual/visual; the
 * boxes of all classes are in a finding's detail.
 *
 * @throws SafelightError `model_missing` or `model_damaged`.
 */
export async function createNudenetDetector(options: NudenetOptions = {}): Promise<Detector> {
  const { workers, folder = installedModelsFolder() } = options;
  const { bytes, sha256 } = await readModelFile('nudenet', '320n.onnx', folder);
  const pool = await startPool(bytes, workers);
  const inputName = pool.names.inputs[0] ?? '';
  return createPictureDetector({
    description: {
      id: 'nudenet',
      version: '1.0.0',
      weightsSha256: sha256,
      claims: [{ hazard: 'sexual', carrier: 'visual' }],
      reads: ['image', 'video'],
      licence: 'AGPL-3.0',
      notes: [
        'Score: the highest of exposed female breast, genitalia, buttocks and anus; 0 where none is above .25.',
        'Padded to a square in black, 320 px, blue before red, as the Python package reads files.',
        'Nudity only, and nothing about the age of anyone shown.',
      ],
      testDouble: false,
    },
    async look(image, signal) {
      const outputs = await pool.run(() => {
        const values = toNudenetInput(image);
        return { [inputName]: { type: 'float32', shape: sampleShape(NUDENET_INPUT), values } };
      }, signal);
      const parts = decodeBoxes(floatOutput(outputs), MODEL_PX, image);
      return {
        scores: [{ hazard: 'sexual', carrier: 'visual', score: nudityOf(parts) }],
        labels: bestByLabel(parts),
        boxes: parts,
      };
    },
    close: () => pool.close(),
  });
}

/** The package resizes with OpenCV, without smoothing. */
export function toNudenetInput(image: RgbImage): Float32Array {
  return normalise(resizeRgb(padToSquare(image), MODEL_PX, MODEL_PX), NUDENET_INPUT);
}

function nudityOf(parts: readonly BodyPart[]): number {
  return Math.max(0, ...parts.filter(({ label }) => COUNTED.has(label)).map(({ score }) => score));
}

/** Parts come best first. */
function bestByLabel(parts: readonly BodyPart[]): Record<string, number> {
  const best: Record<string, number> = {};
  for (const { label, score } of parts) best[label] ??= score;
  return best;
}

async function startPool(model: Uint8Array, workers: number | undefined): Promise<OnnxPool> {
  try {
    return await createOnnxPool({ model, ...(workers === undefined ? {} : { workers }) });
  } catch (cause) {
    throw new SafelightError('the model of nudenet is damaged: the runtime cannot load it', {
      code: 'model_damaged',
      kind: 'environment',
      hint: 'Run `safelight models remove nudenet`, then `safelight models pull nudenet --accept-licence`.',
      cause,
    });
  }
}
