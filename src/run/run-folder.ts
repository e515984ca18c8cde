import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { readJournalLines } from '../store/journal.ts';
import { toStorageError } from '../store/storage-error.ts';

/** Where the parts of a run stand. */
export interface RunFolder {
  readonly folder: string;
  readonly journal: string;
  readonly manifest: string;
  readonly summary: string;
  readonly report: string;
  /** What people said of its media, where anybody did. */
  readonly labels: string;
  /** What `compare` shows of this run beside others, unless it was told another place. */
  readonly comparison: string;
  /** What other commands made from the run, the viewer's index among it: it goes with the run. */
  readonly derived: readonly string[];
  /** Shared by all runs beside this one. */
  readonly blobs: string;
}

export function runFolder(folder: string): RunFolder {
  return {
    folder,
    journal: join(folder, 'journal.jsonl'),
    manifest: join(folder, 'manifest.json'),
    summary: join(folder, 'summary.json'),
    report: join(folder, 'index.html'),
    labels: join(folder, 'labels.jsonl'),
    comparison: join(folder, 'comparison.html'),
    derived: ['comparison.html', 'probe.json', 'probe.html', '.viewer'].map((name) =>
      join(folder, name),
    ),
    blobs: join(dirname(folder), 'blobs'),
  };
}

/** `new`: the folder must not hold a run; `resume`: go on with it; `force`: delete it first. */
export type FolderMode = 'new' | 'resume' | 'force';

/**
 * Makes a run's folder ready. Call it with the lock held.
 *
 * @returns whether there is a journal to go on with.
 * @throws SafelightError `run_exists`, `not_writable`.
 */
export async function prepareRunFolder(paths: RunFolder, mode: FolderMode): Promise<boolean> {
  const exists = await hasRun(paths.journal);
  if (!exists || mode === 'resume') return exists;
  if (mode === 'new') {
    throw new SafelightError('this folder already holds a run', {
      code: 'run_exists',
      kind: 'usage',
      hint: 'Go on with it with --resume, start anew with --force, or choose another folder with --out.',
    });
  }
  for (const path of [paths.journal, paths.manifest, paths.summary, paths.report]) {
    await rm(path, { force: true });
  }
  await removeDerived(paths);
  await rm(join(paths.folder, 'pending-media'), { recursive: true, force: true });
  return false;
}

/** Removes what other commands made from a run: it can show what the run no longer holds. */
export async function removeDerived({ derived }: RunFolder): Promise<void> {
  for (const path of derived) await rm(path, { recursive: true, force: true });
}

/** @throws SafelightError `not_writable`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'ENOTDIR' || error.code === 'EEXIST') {
        throw new SafelightError('the run folder cannot be made: a file is in the way', {
          code: 'not_a_folder',
          kind: 'usage',
          hint: 'Choose another folder with --out.',
          cause: error,
        });
      }
    }
    throw toStorageError(error, 'the run folder');
  }
}

/** A run is gone on with only by what began it. */
export function planChanged(): SafelightError {
  return new SafelightError('the plan has changed since this run began', {
    code: 'plan_changed',
    kind: 'usage',
    hint: 'Start a new run with --out or --force: the pipeline, its suites or the media to score are others, and the numbers would not be comparable.',
  });
}

/** Whether a journal holds a complete line: a process killed at once leaves none. */
async function hasRun(journal: string): Promise<boolean> {
  try {
    for await (const _line of readJournalLines(journal)) return true;
  } catch (error) {
    if (error instanceof SafelightError && error.code === 'journal_missing') return false;
    throw error;
  }
  return false;
}
