import { readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256OfBytes } from '../../core/ids.ts';
import { kerasModelSchema } from './keras-model.ts';
import { convertKerasModel } from './keras-to-onnx.ts';
import type { ModelCard } from './model-card.ts';
import { writeOnnxModel } from './onnx-file.ts';
import { tfjsModelSchema } from './tfjs-model.ts';
import { convertTfjsGraph } from './tfjs-to-onnx.ts';
import { readTfjsWeights } from './tfjs-weights.ts';

export interface NsfwjsConversion {
  /** An unpacked `nsfwjs` package. */
  readonly packageFolder: string;
  /** Gets the model, its card and the licence. Exists. */
  readonly outFolder: string;
}

/** The models of the package, and what the files made from them are called. */
const MODELS = [
  { model: 'MobileNetV2', folder: 'mobilenet_v2', name: 'nsfwjs-mobilenet-v2' },
  { model: 'MobileNetV2Mid', folder: 'mobilenet_v2_mid', name: 'nsfwjs-mobilenet-v2-mid' },
  { model: 'InceptionV3', folder: 'inception_v3', name: 'nsfwjs-inception-v3' },
] as const;
const LABELS = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const;

const modelSchema = z.union([tfjsModelSchema, kerasModelSchema]);
const packageSchema = z.object({ version: z.string(), license: z.literal('MIT') });

/**
 * Makes the ONNX models of `nsfwjs` from the package's own weights. Runs at build time only, from
 * the development dependency. Equal packages give equal bytes.
 */
export async function convertNsfwjs(options: NsfwjsConversion): Promise<ModelCard[]> {
  const { packageFolder, outFolder } = options;
  const { version } = packageSchema.parse(
    JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')),
  );
  const licence = await readFile(join(packageFolder, 'LICENSE'), 'utf8');
  const notice = 'nsfwjs-LICENSE.txt';
  await replaceFile(
    join(outFolder, notice),
    `The weights in nsfwjs-*.onnx were converted from nsfwjs ${version}, under this licence:\n\n${licence}`,
  );
  const cards: ModelCard[] = [];
  for (const { model, folder, name } of MODELS) {
    const bytes = convertModel(join(packageFolder, 'dist', 'models', folder), name);
    const card: ModelCard = {
      file: `${name}.onnx`,
      sha256: sha256OfBytes(bytes),
      labels: [...LABELS],
      source: { package: 'nsfwjs', version, model },
      licence: 'MIT',
      notice,
    };
    await replaceFile(join(outFolder, card.file), bytes);
    await replaceFile(join(outFolder, `${name}.json`), `${JSON.stringify(card, null, 2)}\n`);
    cards.push(card);
  }
  return cards;
}

/** The package wraps the model and each piece of its weights (as base64) in a CommonJS module. */
function convertModel(folder: string, name: string): Uint8Array {
  const require = createRequire(join(folder, 'package.json'));
  const load = (file: string): unknown => require(join(folder, `${file}.min.js`));
  const model = modelSchema.parse(load('model'));
  const [manifest] = model.weightsManifest;
  const pieces = (manifest?.paths ?? []).map((path) =>
    Buffer.from(z.string().parse(load(path)), 'base64'),
  );
  const weights = readTfjsWeights(manifest?.weights ?? [], Buffer.concat(pieces));
  const graph =
    'format' in model
      ? convertTfjsGraph(model, weights, name)
      : convertKerasModel(model, weights, name);
  return writeOnnxModel(graph, 'safelight');
}

/** Written beside and moved, so that no reader ever sees half a file. */
async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  await writeFile(`${path}.partial`, content);
  await rename(`${path}.partial`, path);
}
