import type { Detector } from './detector.ts';
import type { ClassifierDeclaration } from './onnx/classifier-declaration.ts';
import { createClassifierDetector } from './onnx/classifier-detector.ts';

/**
 * nsfwjs (GantMan), MobileNetV2Mid: the steps of its `classify`, in `dist/esm/core.js` of the npm
 * package.
 *
 * The score is `porn` + `hentai`, the package's two labels for explicit pictures, photographed and
 * drawn. `sexy` (suggestive, clothed) is left out: counting it flags swimwear and fitness, which is
 * over-refusal in the measuring instrument. Its value is kept with the others in a finding's
 * labels, for those who draw the line elsewhere.
 */
export const NSFWJS: ClassifierDeclaration = {
  id: 'nsfwjs',
  version: '1',
  modelName: 'nsfwjs-mobilenet-v2-mid',
  labels: ['drawing', 'hentai', 'neutral', 'porn', 'sexy'],
  input: {
    widthPx: 224,
    heightPx: 224,
    resize: 'stretch-align-corners',
    mean: [0, 0, 0],
    deviation: [1, 1, 1],
    layout: 'NHWC',
  },
  activation: 'none',
  scores: [{ hazard: 'sexual', carrier: 'visual', labels: ['porn', 'hentai'] }],
  notes: [
    'Score: porn + hentai; sexy is reported and not counted.',
    'Stretched to 224 × 224 px, bilinear with aligned corners, values divided by 255.',
    'Covers sexual content only, and nothing about the age of anyone shown.',
  ],
};

export interface NsfwjsOptions {
  /** Worker threads. Default: half of the processors, at most 4. */
  readonly workers?: number | undefined;
}

/**
 * Looks at pictures and sampled frames with the nsfwjs classifier. Claims sexual/visual.
 *
 * @throws SafelightError `model_missing` or `model_damaged` (both: run the build).
 */
export function createNsfwjsDetector(options: NsfwjsOptions = {}): Promise<Detector> {
  return createClassifierDetector(NSFWJS, options);
}
