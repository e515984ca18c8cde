import { type ClassifierInput, classifierInputSchema } from '../onnx/classifier-declaration.ts';
import { CLIP_STATISTICS } from '../onnx/clip-statistics.ts';

/** CLIP's own steps: the short side resized (bicubic, smoothed), the centre, its mean and deviation. */
export function clipInput(sizePx: number): ClassifierInput {
  return classifierInputSchema.parse({
    widthPx: sizePx,
    heightPx: sizePx,
    resize: 'short-side-crop',
    filter: 'bicubic',
    ...CLIP_STATISTICS,
  });
}
