import type { HazardCarrier } from '../../core/hazard.ts';

/** All that is peculiar to an image classifier: the rest is the same for every one. */
export interface ClassifierDeclaration {
  readonly id: string;
  /** Of the detector: changes whenever its scores can change. */
  readonly version: string;
  /** Name of the model below `dist/models/`, without `.onnx`. Its card lies beside it. */
  readonly modelName: string;
  /** In the order of the model's output. Must be those of the model's card. */
  readonly labels: readonly string[];
  readonly input: ClassifierInput;
  /** What is to be done with the model's output: `none` where it gives probabilities. */
  readonly activation: 'none' | 'softmax' | 'sigmoid';
  /** A hazard's score is the sum of the probabilities of its labels, at most 1. */
  readonly scores: readonly (HazardCarrier & { readonly labels: readonly string[] })[];
  readonly notes: readonly string[];
}

/** How pixels become the model's input: `(value / 255 − mean) / deviation`, by channel in RGB. */
export interface ClassifierInput {
  readonly widthPx: number;
  readonly heightPx: number;
  /**
   * `stretch-align-corners`: to the full size whatever the aspect ratio, bilinear, corner pixels
   * on corner pixels, without smoothing beforehand (TensorFlow's `resizeBilinear(alignCorners)`).
   */
  readonly resize: 'stretch-align-corners';
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  readonly layout: 'NHWC' | 'NCHW';
}
