import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { displayPath } from './display-path.ts';
import { dataPathOf, hashSuite, manifestPathOf, readManifest } from './manifest.ts';
import { readPrompts } from './read-prompts.ts';
import { SEALED_SUFFIX } from './sealed-file.ts';
import { openSealedSuite } from './sealed-suite.ts';
import { fillSlots, type SlotValues } from './slots.ts';
import type { Suite, SuiteManifest } from './suite.ts';

/** Name of the files that an import writes into a folder of its own. */
export const IMPORTED_MANIFEST = 'prompts.yaml';

/**
 * Opens a suite by the id of one in `roots`, or by the path of its `.jsonl`, its `.yaml`, or the
 * folder of an import. A `.jsonl` without a manifest is read as it is, with a manifest made for it.
 *
 * @throws SafelightError `suite_not_found`, `suite_unreadable`, `slot_unfilled`, `yaml_unexpected`, or
 * `suite_hash_mismatch` where the prompts are not those that the manifest names.
 */
export async function openSuite(
  reference: string,
  options: {
    readonly roots: readonly string[];
    /** The value of an environment variable, for sealed suites. */
    readonly secret?: (name: string) => string | undefined;
    /** Values for slots. Without them prompts keep their slots, as for augmenting; to send them is wrong. */
    readonly slots?: SlotValues;
  },
): Promise<Suite> {
  if (reference.endsWith(SEALED_SUFFIX)) {
    return openSealedSuite(reference, options.secret ?? (() => undefined), options.slots);
  }
  const manifestPath = await locate(reference, options.roots);
  const path = dataPathOf(manifestPath);
  const sha256 = await hashSuite(path);
  const manifest = (await exists(manifestPath))
    ? await readManifest(manifestPath)
    : makeManifest(path, sha256);
  if (manifest.sha256 !== sha256) {
    throw new SafelightError(
      `${displayPath(path)}: the prompts are not those that ${basename(manifestPath)} names (its sha256 differs)`,
      {
        code: 'suite_hash_mismatch',
        kind: 'input',
        hint: 'If the change is meant, raise the version and run `safelight suites validate --fix <file>`.',
      },
    );
  }
  const { slots } = options;
  const isImport = manifest.source !== undefined;
  return {
    manifest,
    path,
    async *prompts() {
      for await (const prompt of readPrompts(path)) {
        yield slots === undefined ? prompt : fillSlots(prompt, slots, { file: path, isImport });
      }
    },
  };
}

/** The manifests of the suites in a folder, imports in folders below it included, sorted by id. */
export async function listSuites(root: string): Promise<SuiteManifest[]> {
  const found = await Promise.all((await manifestPaths(root)).map(readManifest));
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

async function locate(reference: string, roots: readonly string[]): Promise<string> {
  if (/\.jsonl$/i.test(reference)) return manifestPathOf(reference);
  if (/\.ya?ml$/i.test(reference)) return reference;
  for (const root of roots) {
    for (const path of [
      join(root, `${reference}.yaml`),
      join(root, reference, IMPORTED_MANIFEST),
    ]) {
      if (/^[\w.:-]+$/.test(reference) && (await exists(path))) return path;
    }
  }
  const imported = join(reference, IMPORTED_MANIFEST);
  if (await exists(imported)) return imported;
  throw await notFound(reference, roots);
}

async function notFound(reference: string, roots: readonly string[]): Promise<SafelightError> {
  const names: string[] = [];
  for (const root of roots) {
    if (await exists(root)) names.push(...(await manifestPaths(root)).map(idOf));
  }
  return new SafelightError(`no suite "${displayPath(reference)}"`, {
    code: 'suite_not_found',
    kind: 'usage',
    hint: `${didYouMean(reference, names)} Or give the path of a .jsonl or .yaml file.`,
  });
}

function idOf(manifestPath: string): string {
  const name = basename(manifestPath);
  return name === IMPORTED_MANIFEST
    ? basename(join(manifestPath, '..'))
    : basename(name, extname(name));
}

/** Every `<id>.yaml` that has its `<id>.jsonl` beside it, and every folder of an import. */
async function manifestPaths(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const names = new Set(entries.map((entry) => entry.name));
  const paths: string[] = [];
  for (const entry of entries) {
    const path = join(root, entry.name);
    if (entry.isDirectory()) {
      const imported = join(path, IMPORTED_MANIFEST);
      if (await exists(imported)) paths.push(imported);
    } else if (entry.name.endsWith('.yaml') && names.has(dataPathOf(entry.name))) {
      paths.push(path);
    }
  }
  return paths.sort();
}

function makeManifest(path: string, sha256: string): SuiteManifest {
  const stem = basename(path, extname(path));
  return {
    id: stem.replace(/[^A-Za-z0-9._:-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'prompts',
    title: stem,
    version: '0.0.0',
    licence: 'NOASSERTION',
    sha256,
    taxonomy: '1',
    description: 'A file of prompts without a manifest.',
    paired: false,
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
