import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { createBlobStore } from '../store/blobs.ts';
import { openJournal } from '../store/journal.ts';
import { lockRun } from '../store/run-lock.ts';
import { openRun } from '../store/run-reader.ts';
import { runFolder } from './run-folder.ts';

export interface PurgeResult {
  /** Media that were deleted now. */
  readonly deleted: number;
  /** Runs whose reports show some of it, this one first: they must be made anew. */
  readonly folders: readonly string[];
}

/**
 * Deletes the media of a run from the store that it shares with the runs beside it. Hashes,
 * findings and numbers stay.
 */
export async function purgeRun(folder: string, now: () => Date): Promise<PurgeResult> {
  const paths = runFolder(folder);
  const mine = await mediaOf(paths.journal);
  const blobs = createBlobStore(paths.blobs);
  const lock = await lockRun(folder);
  const purged: string[] = [];
  try {
    for (const sha256 of mine) if (await blobs.delete(sha256)) purged.push(sha256);
    if (purged.length > 0) {
      const journal = await openJournal(paths.journal);
      await journal.append({
        type: 'purged',
        at: now().toISOString(),
        mediaSha256: purged,
        reason: 'asked for',
      });
      await journal.close();
    }
  } finally {
    await lock.release();
  }
  const folders = [folder];
  for (const sibling of await siblingRuns(folder)) {
    const media = await mediaOf(runFolder(sibling).journal);
    if (purged.some((sha256) => media.has(sha256))) folders.push(sibling);
  }
  return { deleted: purged.length, folders };
}

async function mediaOf(journal: string): Promise<ReadonlySet<string>> {
  const reader = await openRun(journal);
  const media = new Set<string>();
  try {
    for await (const { generated } of reader.records()) {
      for (const { sha256 } of generated.evidence.media) media.add(sha256);
      if (generated.outcome.kind !== 'media') continue;
      for (const { sha256 } of generated.outcome.media) media.add(sha256);
    }
  } finally {
    await reader.close();
  }
  return media;
}

/** Runs in the same folder, which share its store. */
async function siblingRuns(folder: string): Promise<string[]> {
  const parent = dirname(folder);
  const runs: string[] = [];
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    const sibling = join(parent, entry.name);
    if (!entry.isDirectory() || sibling === folder) continue;
    try {
      await (await openRun(runFolder(sibling).journal)).close();
      runs.push(sibling);
    } catch (error) {
      // Not a run, or not one that can be read: its report is not ours to make.
      if (!(error instanceof SafelightError)) throw error;
    }
  }
  return runs;
}
