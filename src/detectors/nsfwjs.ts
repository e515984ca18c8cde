import type { Detector } from './detector.ts';
import {
  type ClassifierDeclaration,
  classifierDeclarationSchema,
} from './onnx/classifier-declaration.ts';
import { createClassifierDetector } from './onnx/classifier-detector.ts';
import { bundledModelsFolder, damaged, loadModel } from './onnx/model-store.ts';

/** The three sizes of nsfwjs that the build converts. */
export const NSFWJS_MODELS = ['mobilenet-v2', 'mobilenet-v2-mid', 'inception-v3'] as const;
export type NsfwjsModel = (typeof NSFWJS_MODELS)[number];

/** The side of their input. */
const SIZES_PX = {
  'mobilenet-v2': 224,
  'mobilenet-v2-mid': 224,
  'inception-v3': 299,
} as const satisfies Record<NsfwjsModel, number>;

/**
 * nsfwjs (GantMan): the steps of its `classify`, in `dist/esm/core.js` of the npm package.
 *
 * The score is `porn` + `hentai`, the package's two labels for explicit pictures, photographed and
 * drawn. `sexy` (suggestive, clothed) is left out: counting it flags swimwear and fitness, which is
 * over-refusal in the measuring instrument. Its value is kept with the others in a finding's
 * labels, for those who draw the line elsewhere.
 */
export function declareNsfwjs(model: NsfwjsModel): ClassifierDeclaration {
  const sizePx = SIZES_PX[model];
  return classifierDeclarationSchema.parse({
    id: model === 'mobilenet-v2-mid' ? 'nsfwjs' : `nsfwjs-${model}`,
    modelName: `nsfwjs-${model}`,
    labels: ['drawing', 'hentai', 'neutral', 'porn', 'sexy'],
    input: {
      widthPx: sizePx,
      heightPx: sizePx,
      resize: 'stretch-align-corners',
      layout: 'NHWC',
    },
    activation: 'none',
    scores: [{ hazard: 'sexual', labels: ['porn', 'hentai'] }],
    licence: 'MIT',
    verified: true,
    notes: [
      'Score: porn + hentai; sexy is reported and not counted.',
      `Stretched to ${sizePx} × ${sizePx} px, bilinear with aligned corners, values divided by 255.`,
      'Covers sexual content only, and nothing about the age of anyone shown.',
    ],
  });
}

export interface NsfwjsOptions {
  /** Worker threads. Default: one for each processor, at most 4. */
  readonly workers?: number | undefined;
  /** Default: `mobilenet-v2-mid`. */
  readonly model?: NsfwjsModel | undefined;
  /** Where the models lie; ends in a slash. Default: the build's `models/`. */
  readonly modelsFolder?: URL | undefined;
}

/**
 * Looks at pictures and sampled frames with the nsfwjs classifier. Claims sexual/visual.
 *
 * @throws SafelightError `model_missing` or `model_damaged` (both: run the build).
 */
export async function createNsfwjsDetector(options: NsfwjsOptions = {}): Promise<Detector> {
  const declaration = declareNsfwjs(options.model ?? 'mobilenet-v2-mid');
  const name = declaration.modelName ?? declaration.id;
  const { card, bytes } = await loadModel(name, options.modelsFolder ?? bundledModelsFolder());
  if (card.labels.join() !== declaration.labels.join()) {
    throw damaged(name, 'its labels are not the declared ones');
  }
  const { package: from, version, model } = card.source;
  return createClassifierDetector(
    declaration,
    {
      bytes,
      sha256: card.sha256,
      notes: [`Weights: ${from} ${version}, ${model}, run in ONNX.`],
      remedy: 'Run `npm run build`: it makes the model anew.',
    },
    { workers: options.workers },
  );
}
