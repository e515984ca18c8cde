import { readFile } from 'node:fs/promises';
import { SafelightError } from '../../core/errors.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import { distFile } from './dist-file.ts';
import { type ModelCard, modelCardSchema } from './model-card.ts';

export interface StoredModel {
  readonly card: ModelCard;
  readonly bytes: Uint8Array;
}

/** Where the build puts models. Ends in a slash. */
export function bundledModelsFolder(): URL {
  return distFile('models/');
}

/**
 * Reads a model and checks it against its card.
 *
 * @param folder ends in a slash.
 * @throws SafelightError `model_missing`, or `model_damaged` where the bytes are not those that the
 * card names.
 */
export async function loadModel(name: string, folder: URL): Promise<StoredModel> {
  const card = await readCard(name, folder);
  const bytes = await readModelFile(name, card.file, folder);
  if (sha256OfBytes(bytes) !== card.sha256) {
    throw damaged(name, `${card.file} is not the file that its card describes`);
  }
  return { card, bytes };
}

async function readCard(name: string, folder: URL): Promise<ModelCard> {
  const text = await readModelFile(name, `${name}.json`, folder);
  try {
    return modelCardSchema.parse(JSON.parse(Buffer.from(text).toString('utf8')));
  } catch (cause) {
    throw damaged(name, `${name}.json cannot be read`, cause);
  }
}

async function readModelFile(name: string, file: string, folder: URL): Promise<Uint8Array> {
  try {
    return await readFile(new URL(file, folder));
  } catch (cause) {
    throw new SafelightError(`the classifier model ${name} is not there: ${file} cannot be read`, {
      code: 'model_missing',
      kind: 'environment',
      hint: 'Run `npm run build`: it makes the model.',
      cause,
    });
  }
}

export function damaged(name: string, problem: string, cause?: unknown): SafelightError {
  return new SafelightError(`the classifier model ${name} is damaged: ${problem}`, {
    code: 'model_damaged',
    kind: 'environment',
    hint: 'Run `npm run build`: it makes the model anew.',
    cause,
  });
}
