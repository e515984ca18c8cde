import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import { modelNameSchema } from './classifier-declaration.ts';
import { describeFile, readInstalledModel, readModelFile } from './installed-models.ts';

/** Where the files of a model lie: in the model store, or in a folder of the user's. */
export interface ModelFiles {
  /** Tells places apart. */
  readonly place: string;
  pathOf(file: string): string;
  /** @throws SafelightError `model_missing` or `model_damaged`. */
  sha256Of(file: string): Promise<string>;
  /** Whole. @throws SafelightError `model_missing` or `model_damaged`. */
  read(file: string): Promise<Uint8Array>;
}

export interface ModelPlaces {
  /** The model store. */
  readonly store: string;
  /** What relative paths are relative to. */
  readonly base: string;
}

/** @param where a name in the store, or a path: whatever holds a slash or begins with a dot. */
export function locateModelFiles(where: string, { store, base }: ModelPlaces): ModelFiles {
  if (modelNameSchema.safeParse(where).success) return inStore(where, store);
  const folder = resolve(base, where);
  return {
    place: folder,
    pathOf: (file) => join(folder, file),
    async sha256Of(file) {
      return (await describeFile(folder, file).catch(missing(folder, file))).sha256;
    },
    read: (file) => readFile(join(folder, file)).catch(missing(folder, file)),
  };
}

function inStore(name: string, store: string): ModelFiles {
  return {
    place: join(store, name),
    pathOf: (file) => join(store, name, file),
    async sha256Of(file) {
      const { files } = await readInstalledModel(name, store);
      const known = files.find((entry) => entry.file === file);
      return known?.sha256 ?? sha256OfBytes((await readModelFile(name, file, store)).bytes);
    },
    read: async (file) => (await readModelFile(name, file, store)).bytes,
  };
}

function missing(folder: string, file: string): (cause: unknown) => never {
  return (cause) => {
    throw new SafelightError(`there is no ${file} in ${folder}`, {
      code: 'model_missing',
      kind: 'environment',
      hint: 'docs/detectors.md says which files belong there.',
      cause,
    });
  };
}
