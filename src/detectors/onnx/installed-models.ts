import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import { sha256Schema } from '../../core/media-ref.ts';
import { isProcessAlive } from '../../core/process-alive.ts';
import { howToGet } from './catalogue.ts';
import { classifierDeclarationSchema, modelNameSchema } from './classifier-declaration.ts';

const fileSchema = z.object({
  /** Name in the model's folder. */
  file: z.string().regex(/^[\w][\w.-]*$/),
  sha256: sha256Schema,
  bytes: z.number().int().min(0),
});
export type ModelFile = z.infer<typeof fileSchema>;

/** `model.json` of an installed model: what lies in its folder, and where it came from. */
export const installedModelSchema = z.object({
  name: modelNameSchema,
  licence: z.string(),
  source: z.string(),
  files: z.array(fileSchema).min(1),
  /** Of a classifier that a user has added. */
  declaration: classifierDeclarationSchema.optional(),
});
export type InstalledModel = z.infer<typeof installedModelSchema>;

const MANIFEST = 'model.json';

/**
 * Where pulled and added models lie: `SAFELIGHT_MODELS`, or a folder of the user's cache. One folder
 * a model, under its name.
 */
export function installedModelsFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const chosen = env.SAFELIGHT_MODELS;
  if (chosen !== undefined && chosen !== '') return resolve(chosen);
  const home = env.HOME ?? homedir();
  const cache =
    process.platform === 'win32'
      ? (env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(home, 'Library', 'Caches')
        : (env.XDG_CACHE_HOME ?? join(home, '.cache'));
  return join(cache, 'safelight', 'models');
}

/**
 * What is said of an installed model; its files are not looked at.
 *
 * @throws SafelightError `model_missing` or `model_damaged`.
 */
export async function readInstalledModel(name: string, folder: string): Promise<InstalledModel> {
  let text: string;
  try {
    text = await readFile(join(folder, modelNameSchema.parse(name), MANIFEST), 'utf8');
  } catch (cause) {
    throw new SafelightError(`the model ${name} is not installed`, {
      code: 'model_missing',
      kind: 'environment',
      hint: `Get it: ${howToGet(name)}. Or add a file of yours with \`safelight models add\`.`,
      cause,
    });
  }
  try {
    return installedModelSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damagedModel(name, `${MANIFEST} cannot be read`, cause);
  }
}

/**
 * One file of an installed model, whole and with the hash that it was installed with.
 *
 * @throws SafelightError `model_missing` or `model_damaged`.
 */
export async function readModelFile(
  name: string,
  file: string,
  folder: string = installedModelsFolder(),
): Promise<{ readonly bytes: Uint8Array; readonly sha256: string }> {
  const { files } = await readInstalledModel(name, folder);
  const known = files.find((entry) => entry.file === file);
  if (known === undefined) throw damagedModel(name, `it has no file ${file}`);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, name, file));
  } catch (cause) {
    throw damagedModel(name, `${file} cannot be read`, cause);
  }
  if (sha256OfBytes(bytes) !== known.sha256) {
    throw damagedModel(name, `${file} is not the file that was installed`);
  }
  return { bytes, sha256: known.sha256 };
}

/** Names of what is installed, in order. */
export async function listInstalledModels(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && modelNameSchema.safeParse(entry.name).success)
    .map(({ name }) => name)
    .sort();
}

/** @throws SafelightError `model_missing` or `model_damaged`, for the first file that is not right. */
export async function verifyInstalledModel(name: string, folder: string): Promise<InstalledModel> {
  const model = await readInstalledModel(name, folder);
  for (const { file, sha256 } of model.files) {
    const found = await describeFile(join(folder, name), file).catch(() => undefined);
    if (found === undefined) throw damagedModel(name, `${file} cannot be read`);
    if (found.sha256 !== sha256) {
      throw damagedModel(name, `${file} is not the file that was installed`);
    }
  }
  return model;
}

/** Hash and size of a file, read piece by piece. */
export async function describeFile(folder: string, file: string): Promise<ModelFile> {
  const path = join(folder, file);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { file, sha256: hash.digest('hex'), bytes: (await stat(path)).size };
}

/**
 * A folder on the same disk in which a model is put together. What an earlier pull of the same model
 * had to leave unfinished stands in it. The caller removes it, or leaves it for the next pull with
 * {@link leaveStagingFolder}.
 *
 * @param name of the model, without it nothing is taken over.
 */
export async function createStagingFolder(folder: string, name?: string): Promise<string> {
  const parent = join(folder, '.staging');
  await mkdir(parent, { recursive: true });
  const staging = join(parent, `${name ?? ''}@${process.pid}@${randomUUID()}`);
  for (const left of name === undefined ? [] : await readdir(parent)) {
    const [of, pid] = left.split('@');
    if (of !== name || isProcessAlive(Number(pid))) continue;
    // Of two that want it one is faster.
    if (
      await rename(join(parent, left), staging).then(
        () => true,
        () => false,
      )
    ) {
      return staging;
    }
  }
  await mkdir(staging);
  return staging;
}

/** Leaves what has come so far, if anything, to the next pull of the model. */
export async function leaveStagingFolder(staging: string): Promise<void> {
  if ((await readdir(staging)).length === 0) return;
  const [name] = basename(staging).split('@');
  const left = join(dirname(staging), `${name}@0@${randomUUID()}`);
  await rename(staging, left);
}

/**
 * Makes a staged folder the installed model, in one step: a reader sees all of it or none. Where
 * another process was faster with the same files, theirs stays.
 */
export async function installModel(
  model: InstalledModel,
  staging: string,
  folder: string,
): Promise<void> {
  const target = join(folder, model.name);
  await writeFile(join(staging, MANIFEST), `${JSON.stringify(model, null, 2)}\n`);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await rename(staging, target);
      return;
    } catch (error) {
      if (attempt === 3 || !(await isFolder(target))) throw error;
    }
    const there = await verifyInstalledModel(model.name, folder).catch(() => undefined);
    if (JSON.stringify(there) === JSON.stringify(model)) {
      await rm(staging, { recursive: true, force: true });
      return;
    }
    // Out of the way first: removing takes time, in which a reader would see half of it.
    const old = join(folder, '.staging', randomUUID());
    await rename(target, old).catch(() => undefined);
    await rm(old, { recursive: true, force: true });
  }
}

/** @throws SafelightError `model_missing`. */
export async function removeInstalledModel(name: string, folder: string): Promise<void> {
  const path = join(folder, modelNameSchema.parse(name));
  if (!(await isFolder(path))) await readInstalledModel(name, folder);
  const old = await createStagingFolder(folder);
  await rename(path, join(old, name));
  await rm(old, { recursive: true, force: true });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function damagedModel(name: string, problem: string, cause?: unknown): SafelightError {
  return new SafelightError(`the installed model ${name} is damaged: ${problem}`, {
    code: 'model_damaged',
    kind: 'environment',
    hint: `Run \`safelight models remove ${name}\`, then pull or add it again.`,
    cause,
  });
}
