import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { inputError, SafelightError } from '../core/errors.ts';
import { canonicalJson, sha256OfBytes } from '../core/ids.ts';
import { type Policy, policySchema } from '../core/policy.ts';
import { openRun, type RunReader } from '../store/run-reader.ts';
import { BUNDLE_FILES, type BundleIndex, bundleIndexSchema, measurementHashes } from './bundle.ts';
import { hashesOf, hashLines } from './bundle-hashes.ts';
import { gatherFacts, summariseRun } from './judge-run.ts';
import { runFolder } from './run-folder.ts';

export interface BundleProblem {
  /** File within the bundle. */
  readonly path: string;
  readonly problem: string;
}

export interface BundleReport {
  readonly runId: string;
  /** SHA-256 of `bundle.json`. */
  readonly digest: string;
  readonly files: number;
  readonly problems: readonly BundleProblem[];
}

export function isBundle(folder: string): boolean {
  return existsSync(join(folder, BUNDLE_FILES.index));
}

/** The policy that a bundle was judged by. */
export async function bundlePolicy(folder: string): Promise<Policy> {
  try {
    const manifest: unknown = JSON.parse(await readFile(runFolder(folder).manifest, 'utf8'));
    return z.looseObject({ policy: policySchema }).parse(manifest).policy;
  } catch (cause) {
    throw inputError({ file: 'manifest.json' }, 'it holds no policy', {
      code: 'manifest_invalid',
      hint: 'The bundle was changed: ask for it anew, or see what `safelight verify` says.',
      cause,
    });
  }
}

/**
 * Checks every hash of a bundle, that its lists follow from its journal, and that its summary is
 * what judging gives. Goes on after a problem: each change is told.
 *
 * @throws SafelightError `bundle_invalid` where there is no index to check against.
 */
export async function verifyBundle(folder: string): Promise<BundleReport> {
  const { index, digest } = await readIndex(folder);
  const problems = [
    ...(await Promise.all(index.files.map((file) => checkFile(folder, file)))).flat(),
    ...(await unlisted(folder, index)),
    ...(await checkContent(folder, index)),
  ];
  return { runId: index.runId, digest, files: index.files.length, problems };
}

async function readIndex(folder: string): Promise<{ index: BundleIndex; digest: string }> {
  try {
    const text = await readFile(join(folder, BUNDLE_FILES.index), 'utf8');
    return { index: bundleIndexSchema.parse(JSON.parse(text)), digest: sha256OfBytes(text) };
  } catch (cause) {
    throw new SafelightError('this is no audit bundle: bundle.json is missing or damaged', {
      code: 'bundle_invalid',
      kind: 'input',
      hint: 'Name a folder or .tar.gz that `safelight export --to bundle` wrote.',
      cause,
    });
  }
}

async function checkFile(
  folder: string,
  file: BundleIndex['files'][number],
): Promise<BundleProblem[]> {
  const path = join(folder, file.path);
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return [{ path: file.path, problem: 'is missing' }];
  if (found.size !== file.sizeBytes) {
    return [
      {
        path: file.path,
        problem: `has ${found.size} bytes, not ${file.sizeBytes}: it was changed`,
      },
    ];
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const sha256 = hash.digest('hex');
  return sha256 === file.sha256
    ? []
    : [{ path: file.path, problem: `has SHA-256 ${sha256}, not ${file.sha256}: it was changed` }];
}

async function unlisted(folder: string, index: BundleIndex): Promise<BundleProblem[]> {
  const known = new Set<string>([BUNDLE_FILES.index, ...index.files.map(({ path }) => path)]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !known.has(path))
    .map((path) => ({ path, problem: 'is not of this bundle: it was added' }));
}

/** Whoever changes a file and its hash alike is found here. */
async function checkContent(folder: string, index: BundleIndex): Promise<BundleProblem[]> {
  let reader: RunReader;
  try {
    reader = await openRun(runFolder(folder).journal);
  } catch (error) {
    return [{ path: 'journal.jsonl', problem: reasonOf(error) }];
  }
  try {
    const problems: BundleProblem[] = [];
    if (reader.started.runId !== index.runId) {
      problems.push({ path: BUNDLE_FILES.index, problem: 'names another run than the journal' });
    }
    const { prompts, media } = await hashesOf(reader);
    for (const [path, list] of [
      [BUNDLE_FILES.prompts, prompts],
      [BUNDLE_FILES.media, media],
    ] as const) {
      const text = await readFile(join(folder, path), 'utf8').catch(() => null);
      if (text !== null && text !== hashLines(list)) {
        problems.push({ path, problem: 'does not follow from the journal' });
      }
    }
    const policy = await bundlePolicy(folder);
    const summary = await summariseRun(reader, await gatherFacts(reader, policy), policy);
    for (const [path, value] of [
      [BUNDLE_FILES.measurement, measurementHashes(policy, reader.detectors)],
      ['summary.json', summary],
    ] as const) {
      if (!(await holds(join(folder, path), value))) {
        problems.push({ path, problem: 'does not follow from journal and policy' });
      }
    }
    return problems;
  } catch (error) {
    return [{ path: 'journal.jsonl', problem: `cannot be judged: ${reasonOf(error)}` }];
  } finally {
    await reader.close();
  }
}

/** Missing files are told of elsewhere. */
async function holds(path: string, value: unknown): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return true;
  try {
    const written: unknown = JSON.parse(text);
    return canonicalJson(written) === canonicalJson(JSON.parse(JSON.stringify(value)));
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof SafelightError) return error.message;
  throw error;
}
