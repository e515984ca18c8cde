import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import type { Policy } from '../core/policy.ts';
import { createBlobStore } from '../store/blobs.ts';
import { openJournal } from '../store/journal.ts';
import { lockRun, type RunLock } from '../store/run-lock.ts';
import { openRun } from '../store/run-reader.ts';
import { gatherFacts, judgeRun } from './judge-run.ts';
import { describeRule, meetsRule, type PurgeRule } from './purge-rule.ts';
import { runFolder } from './run-folder.ts';

export interface PurgeRequest {
  readonly folder: string;
  /** By which verdicts are decided. */
  readonly policy: Policy;
  readonly rule: PurgeRule;
  /** Spares what a run beside this one holds too. */
  readonly keepShared: boolean;
  /** Tells what would go, and touches nothing. */
  readonly dryRun: boolean;
  readonly now: () => Date;
}

export interface PurgeResult {
  /** Different media of the run that the rule means. */
  readonly selected: number;
  /** Those that were deleted now, or would be. */
  readonly deleted: number;
  readonly deletedBytes: number;
  /** Spared, because a run beside this one holds them. */
  readonly kept: number;
  /** Runs beside this one that hold some of them, by folder name. */
  readonly shared: readonly { readonly run: string; readonly media: number }[];
  /** Folders whose reports showed some of it, this one first: they must be made anew. */
  readonly folders: readonly string[];
}

/**
 * Deletes media of a run from the store that it shares with the runs beside it. Hashes, findings and
 * numbers stay. Stopped halfway, it can be done again: what is meant follows from the journal, not
 * from what is still there.
 *
 * @throws SafelightError `run_locked` where a run that holds such media is going on.
 */
export async function purgeRun(request: PurgeRequest): Promise<PurgeResult> {
  const { folder, rule } = request;
  const paths = runFolder(folder);
  const blobs = createBlobStore(paths.blobs);
  const selected = await selectMedia(request);
  const holders = await siblingsWith(folder, selected);
  const sharedMedia = new Set(holders.flatMap(({ media }) => media));
  const doomed = [...selected].filter((sha256) => !request.keepShared || !sharedMedia.has(sha256));
  const touched = request.keepShared ? [] : holders;

  const present: string[] = [];
  let deletedBytes = 0;
  for (const sha256 of doomed) {
    const found = await stat(blobs.path(sha256)).catch(() => null);
    if (found === null) continue;
    present.push(sha256);
    deletedBytes += found.size;
  }
  if (!request.dryRun) {
    const presentSet = new Set(present);
    await deleteAll([folder, ...touched.map((holder) => holder.folder)], async () => {
      await note(folder, present, describeRule(rule), request.now());
      for (const holder of touched) {
        const theirs = holder.media.filter((sha256) => presentSet.has(sha256));
        await note(holder.folder, theirs, `purged with ${basename(folder)}`, request.now());
      }
      for (const sha256 of doomed) await blobs.delete(sha256);
    });
  }
  return {
    selected: selected.size,
    deleted: present.length,
    deletedBytes,
    kept: selected.size - doomed.length,
    shared: holders.map((holder) => ({
      run: basename(holder.folder),
      media: holder.media.length,
    })),
    folders: [folder, ...touched.map((holder) => holder.folder)],
  };
}

/** With every run locked that loses something: none of them may be looking at it. */
async function deleteAll(folders: readonly string[], work: () => Promise<void>): Promise<void> {
  const locks: RunLock[] = [];
  try {
    for (const folder of folders) locks.push(await lockRun(folder));
    await work();
  } finally {
    for (const lock of locks) await lock.release();
  }
}

/** Before the deletion: a journal may tell of media that is still there, never the other way round. */
async function note(
  folder: string,
  mediaSha256: readonly string[],
  reason: string,
  at: Date,
): Promise<void> {
  if (mediaSha256.length === 0) return;
  const journal = await openJournal(runFolder(folder).journal);
  await journal.append({
    type: 'purged',
    at: at.toISOString(),
    mediaSha256: [...mediaSha256],
    reason,
  });
  await journal.close();
}

async function selectMedia({ folder, policy, rule }: PurgeRequest): Promise<ReadonlySet<string>> {
  const reader = await openRun(runFolder(folder).journal);
  const media = new Set<string>();
  try {
    const facts = await gatherFacts(reader, policy);
    for await (const trial of judgeRun(reader, facts, policy)) {
      if (!meetsRule(trial, rule)) continue;
      for (const sha256 of mediaOf(trial.record)) media.add(sha256);
    }
  } finally {
    await reader.close();
  }
  return media;
}

/** What came back and was kept, what was rejected among it too. */
function mediaOf({ generated: { evidence, outcome } }: TrialRecord): string[] {
  return [...evidence.media, ...(outcome.kind === 'media' ? outcome.media : [])].map(
    ({ sha256 }) => sha256,
  );
}

/** Runs in the same folder, which share its store, that hold some of the media. */
async function siblingsWith(
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<{ folder: string; media: string[] }[]> {
  const parent = dirname(folder);
  const holders: { folder: string; media: string[] }[] = [];
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    const sibling = join(parent, entry.name);
    if (!entry.isDirectory() || sibling === folder) continue;
    try {
      const media = await heldMedia(sibling, wanted);
      if (media.length > 0) holders.push({ folder: sibling, media });
    } catch (error) {
      // Not a run, or not one that can be read: its report is not ours to make.
      if (!(error instanceof SafelightError)) throw error;
    }
  }
  return holders;
}

async function heldMedia(folder: string, wanted: ReadonlySet<string>): Promise<string[]> {
  const reader = await openRun(runFolder(folder).journal);
  const held = new Set<string>();
  try {
    for await (const record of reader.records()) {
      for (const sha256 of mediaOf(record)) if (wanted.has(sha256)) held.add(sha256);
    }
  } finally {
    await reader.close();
  }
  return [...held];
}
