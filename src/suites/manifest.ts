import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { inputError } from '../core/errors.ts';
import { displayPath } from './display-path.ts';
import { explainIssues } from './explain-issue.ts';
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
 * @throws SafelightError `manifest_invalid` as `file:line: what was expected`.
 */
export async function readManifest(path: string): Promise<SuiteManifest> {
  return readYaml(path, manifestSchema, 'manifest_invalid');
}

/** Reads `prompts/taxonomy.yaml`. @throws SafelightError `taxonomy_invalid`. */
export async function readTaxonomy(path: string): Promise<Taxonomy> {
  return readYaml(path, taxonomySchema, 'taxonomy_invalid');
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

async function readYaml<S extends z.ZodObject>(
  path: string,
  schema: S,
  code: string,
): Promise<z.output<S>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  const file = displayPath(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) {
    const line = broken.linePos?.[0].line;
    throw inputError({ file, line }, `expected YAML: ${broken.code}`, { code, cause: broken });
  }
  const value: unknown = document.toJS();
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const known = Object.keys(schema.shape);
  const at = issue?.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue?.path;
  const node: unknown = document.getIn(at ?? [], true);
  const offset = nodeOffset(node);
  const line = offset === undefined ? undefined : lines.linePos(offset).line;
  throw inputError({ file, line }, explainIssues(result.error.issues, value, known), { code });
}

function nodeOffset(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  return Array.isArray(node.range) && typeof node.range[0] === 'number' ? node.range[0] : undefined;
}
