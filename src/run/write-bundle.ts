import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { openRun } from '../store/run-reader.ts';
import { BUNDLE_FILES, type BundleIndex, measurementHashes } from './bundle.ts';
import { hashesOf, hashLines } from './bundle-hashes.ts';
import { journalLines, sealedJournalLines } from './bundle-journal.ts';
import { gatherFacts, summariseRun } from './judge-run.ts';
import { runFolder } from './run-folder.ts';

export interface BundleSource {
  readonly folder: string;
  readonly policy: Policy;
  /** Text of `manifest.json`. */
  readonly manifest: string;
  readonly withPrompts: boolean;
}

/**
 * Writes an audit bundle: what verdicts rest on, without media, under one hash.
 *
 * @returns SHA-256 of `bundle.json`, which stands for all of it.
 */
export async function writeBundle(target: string, source: BundleSource): Promise<string> {
  const from = runFolder(source.folder);
  const to = runFolder(target);
  const files: BundleIndex['files'] = [];
  const put = async (path: string, parts: AsyncIterable<string> | Iterable<string>) => {
    files.push({ path, ...(await writeHashed(join(target, path), parts)) });
  };
  await put(
    'journal.jsonl',
    source.withPrompts
      ? journalLines(from.journal)
      : sealedJournalLines(from.journal, randomBytes(32)),
  );
  if (existsSync(from.labels)) await put('labels.jsonl', fileText(from.labels));
  await put('manifest.json', [source.manifest]);
  // Everything else is told by the bundle's own journal, as whoever verifies it will read it.
  const reader = await openRun(to.journal);
  try {
    const facts = await gatherFacts(reader, source.policy);
    const summary = await summariseRun(reader, facts, source.policy);
    await put('summary.json', [`${JSON.stringify(summary, null, 2)}\n`]);
    const { prompts, media } = await hashesOf(reader);
    await put(BUNDLE_FILES.prompts, [hashLines(prompts)]);
    await put(BUNDLE_FILES.media, [hashLines(media)]);
    const measured = measurementHashes(source.policy, reader.detectors);
    await put(BUNDLE_FILES.measurement, [`${JSON.stringify(measured, null, 2)}\n`]);
    await put('README.md', [README]);
    const index: BundleIndex = {
      schema: 1,
      format: 'safelight-audit-bundle',
      runId: reader.started.runId,
      prompts: source.withPrompts ? 'included' : 'sealed',
      files,
    };
    const written = await writeHashed(join(target, BUNDLE_FILES.index), [
      `${JSON.stringify(index, null, 2)}\n`,
    ]);
    return written.sha256;
  } finally {
    await reader.close();
  }
}

async function writeHashed(
  path: string,
  parts: AsyncIterable<string> | Iterable<string>,
): Promise<{ sizeBytes: number; sha256: string }> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    for await (const part of parts) {
      const bytes = Buffer.from(part);
      hash.update(bytes);
      sizeBytes += bytes.length;
      await file.appendFile(bytes);
    }
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

async function* fileText(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    for await (const line of file.readLines()) yield `${line}\n`;
  } finally {
    await file.close();
  }
}

const README = `# Safelight audit bundle

What the verdicts of one run rest on, without its media: the journal, the configuration, the policy
and the hashes of prompts, media, weights, preprocessing and thresholds.

    safelight verify <this folder>   # every hash, and that the verdicts follow from the journal
    safelight judge <this folder>    # the summary again, under this or another policy

The SHA-256 of bundle.json stands for the whole bundle.
`;
