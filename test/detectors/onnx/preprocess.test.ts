import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ClassifierInput } from '../../../src/detectors/onnx/classifier-declaration.ts';
import { preprocess, sampleShape } from '../../../src/detectors/onnx/preprocess.ts';
import type { RgbImage } from '../../../src/media/media.ts';
import { mulberry32, paint } from '../golden/pictures.ts';

const input: ClassifierInput = {
  widthPx: 224,
  heightPx: 224,
  resize: 'stretch-align-corners',
  filter: 'bilinear',
  colours: 'RGB',
  scale: 1 / 255,
  mean: [0, 0, 0],
  deviation: [1, 1, 1],
  layout: 'NHWC',
};

function noise(widthPx: number, heightPx: number): RgbImage {
  const random = mulberry32(widthPx * 10_000 + heightPx);
  return paint(widthPx, heightPx, () => [random() * 255, random() * 255, random() * 255]);
}

/** The steps of nsfwjs's `infer`, before its model. */
function reference({ widthPx, heightPx, rgb }: RgbImage, size: number): Float32Array {
  return tf.tidy(() => {
    const scaled = tf.tensor3d(rgb, [heightPx, widthPx, 3], 'int32').toFloat().div(tf.scalar(255));
    const resized = tf.image.resizeBilinear(scaled as tf.Tensor3D, [size, size], true);
    return Float32Array.from(resized.dataSync());
  });
}

function largestDifference(ours: Float32Array, theirs: Float32Array): number {
  expect(ours.length).toBe(theirs.length);
  return ours.reduce((most, value, i) => Math.max(most, Math.abs(value - (theirs[i] ?? 9))), 0);
}

describe('preprocess', () => {
  beforeAll(async () => {
    // Spares the terminal its advice to install another backend.
    tf.env().set('IS_NODE', false);
    await tf.setBackend('cpu');
  });

  for (const [width, height] of [
    [224, 224],
    [1, 1],
    [2, 3],
    [1, 500],
    [223, 225],
    [301, 173],
    [640, 97],
    [1024, 576],
  ] as const) {
    it(`resizes ${width} × ${height} as TensorFlow.js does`, () => {
      const image = noise(width, height);
      // Single precision in three roundings there, one rounding here.
      expect(largestDifference(preprocess(image, input), reference(image, 224))).toBeLessThan(3e-7);
    });
  }

  it('resizes to other sizes, one pixel included', () => {
    const image = noise(50, 40);
    for (const size of [1, 2, 299]) {
      const ours = preprocess(image, { ...input, widthPx: size, heightPx: size });
      expect(largestDifference(ours, reference(image, size))).toBeLessThan(3e-7);
    }
  });

  it('takes mean and deviation by channel, in either layout', () => {
    const image = paint(2, 1, (x) => (x === 0 ? [255, 0, 51] : [0, 255, 102]));
    const scaled: ClassifierInput = {
      ...input,
      widthPx: 2,
      heightPx: 1,
      mean: [0.5, 0, 0.2],
      deviation: [0.5, 1, 0.2],
    };
    const rounded = (values: Float32Array): number[] =>
      [...values].map((value) => Number(value.toFixed(6)) + 0);
    expect(rounded(preprocess(image, scaled))).toEqual([1, 0, 0, -1, 1, 1]);
    const planar: ClassifierInput = { ...scaled, layout: 'NCHW' };
    expect(rounded(preprocess(image, planar))).toEqual([1, -1, 0, 1, 0, 1]);
    expect([sampleShape(scaled), sampleShape(planar)]).toEqual([
      [1, 1, 2, 3],
      [1, 3, 1, 2],
    ]);
  });

  it('refuses pixels that do not fit the size', () => {
    const image = noise(4, 4);
    expect(() => preprocess({ ...image, widthPx: 5 }, input)).toThrow(RangeError);
    expect(() => preprocess({ widthPx: 0, heightPx: 0, rgb: new Uint8Array() }, input)).toThrow(
      RangeError,
    );
  });
});
