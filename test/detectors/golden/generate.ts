/**
 * Writes nsfwjs.json, what the real nsfwjs says of the golden pictures on the plain CPU backend of
 * TensorFlow.js. Needed again only when the package's weights or the pictures change:
 *
 *     npx vitest run --config test/detectors/golden/generate.config.ts
 */
import { readFile, writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs';
import { load } from 'nsfwjs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { sha256OfBytes } from '../../../src/core/ids.ts';
import { goldenPictures } from './pictures.ts';

const classesSchema = z.array(z.object({ className: z.string(), probability: z.number() }));

const MODELS = [
  ['MobileNetV2', 'nsfwjs-mobilenet-v2.json', 224],
  ['MobileNetV2Mid', 'nsfwjs.json', 224],
  ['InceptionV3', 'nsfwjs-inception-v3.json', 299],
] as const;

it.each(MODELS)('writes the golden vectors of nsfwjs %s', async (name, file, size) => {
  await tf.setBackend('cpu');
  const model = await load(name, { size });
  const pictures = [];
  // Inception takes half a minute a picture on this backend.
  for (const { id, image } of goldenPictures().filter((_, i) => size === 224 || i % 4 === 0)) {
    const pixels = tf.tensor3d(image.rgb, [image.heightPx, image.widthPx, 3], 'int32');
    const classes = classesSchema.parse(await model.classify(pixels));
    pixels.dispose();
    const scores = Object.fromEntries(
      classes
        .map(({ className, probability }) => [className.toLowerCase(), probability] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    pictures.push({ id, rgbSha256: sha256OfBytes(image.rgb), scores });
  }
  const versions = {
    nsfwjs: await versionOf('nsfwjs'),
    tfjs: tf.version_core,
    backend: tf.getBackend(),
    model: name,
  };
  await writeFile(
    new URL(file, import.meta.url),
    `${JSON.stringify({ versions, pictures }, null, 2)}\n`,
  );
  expect(pictures.length).toBeGreaterThanOrEqual(5);
});

async function versionOf(name: string): Promise<string> {
  const url = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(await readFile(url, 'utf8')).version;
}
