import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { parseYaml } from '../core/parse-yaml.ts';
import { displayPath } from './display-path.ts';
import { unreadable } from './read-prompts.ts';
import { manifestSchema, type SuiteManifest, type Taxonomy, taxonomySchema } from './suite.ts';

/** SHA-256 of the bytes of a suite's JSONL file, read as a stream. */
export async function hashSuite(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return hash.digest('hex');
}

/** The JSONL file of a manifest, and the reverse: the same name beside it. */
export function dataPathOf(manifestPath: string): string {
  return manifestPath.replace(/\.ya?ml$/i, '.jsonl');
}

/** See {@link dataPathOf}. */
export function manifestPathOf(dataPath: string): string {
  return dataPath.replace(/\.jsonl$/i, '.yaml');
}

/**
 * Reads `<id>.yaml`.
 *
 * @throws SafelightError `yaml_invalid` or `yaml_unexpected`, with file and line.
 */
export async function readManifest(path: string): Promise<SuiteManifest> {
  return readYaml(path, manifestSchema);
}

/** Reads `prompts/taxonomy.yaml`. @throws SafelightError as {@link readManifest}. */
export async function readTaxonomy(path: string): Promise<Taxonomy> {
  return readYaml(path, taxonomySchema);
}

/**
 * Writes the present hash, and the counts, into a manifest, leaving its comments and order alone:
 * what `suites validate --fix` does after the prompts were edited.
 */
export async function updateManifest(
  path: string,
  counts: { readonly prompts: number; readonly families: number },
): Promise<SuiteManifest> {
  await readManifest(path);
  const document = parseDocument(await readFile(path, 'utf8'));
  document.set('sha256', await hashSuite(dataPathOf(path)));
  document.set('counts', document.createNode(counts));
  const draft = `${path}.new`;
  await writeFile(draft, document.toString({ lineWidth: 100 }));
  await rename(draft, path);
  return readManifest(path);
}

async function readYaml<S extends z.ZodObject>(path: string, schema: S): Promise<z.output<S>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return parseYaml(text, displayPath(path), schema);
}
