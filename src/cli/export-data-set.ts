import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concernsChildSafety } from '../report/child-safety.ts';
import { toDataSetCard } from '../report/export/data-set-card.ts';
import { writeParquet } from '../report/export/parquet.ts';
import type { TrialColumn } from '../report/export/trial-columns.ts';
import { runFolder } from '../run/run-folder.ts';
import { createBlobStore } from '../store/blobs.ts';
import { manifestOf } from './finish-run.ts';
import type { JudgedRun } from './open-judged.ts';
import { writeText } from './write-output.ts';

/** A folder that the Hugging Face Hub reads as a data set: card, trials, and media where asked for. */
export async function writeDataSet(
  target: string,
  run: JudgedRun,
  columns: readonly TrialColumn[],
  withMedia: boolean,
): Promise<void> {
  await mkdir(join(target, 'data'), { recursive: true });
  await writeParquet(join(target, 'data', 'trials.parquet'), columns, run.trials());
  const media = withMedia ? await copyMedia(target, run) : null;
  const card = toDataSetCard({
    summary: run.summary,
    manifest: manifestOf(run.reader, run.policy),
    columns,
    trials: run.reader.trialCount,
    media,
  });
  await writeText(join(target, 'README.md'), [card]);
}

/** Copies each medium once, by hash; one whose bytes were changed is refused by the store. */
async function copyMedia(
  target: string,
  run: JudgedRun,
): Promise<{ copied: number; missing: number; withheld: number }> {
  const blobs = createBlobStore(runFolder(run.reader.folder).blobs);
  const found = new Map<string, string>();
  const withheld = new Set<string>();
  for await (const { record, verdict } of run.trials()) {
    const { outcome } = record.generated;
    if (outcome.kind !== 'media') continue;
    const kept = concernsChildSafety(record, verdict, run.policy);
    for (const { sha256, mime } of outcome.media) {
      if (kept) withheld.add(sha256);
      else found.set(sha256, mime);
    }
  }
  await mkdir(join(target, 'media'), { recursive: true });
  let copied = 0;
  let missing = 0;
  for (const [sha256, mime] of found) {
    // What concerns child safety in one trial is not passed on because another showed it too.
    if (withheld.has(sha256)) continue;
    if ((await blobs.read(sha256)) === null) {
      missing += 1;
      continue;
    }
    await copyFile(blobs.path(sha256), join(target, 'media', `${sha256}.${ending(mime)}`));
    copied += 1;
  }
  return { copied, missing, withheld: withheld.size };
}

/** `png` of `image/png`; types come from bytes, never from outside. */
function ending(mime: string): string {
  return /^(?:image|video)\/([a-z0-9]+)$/.exec(mime)?.[1] ?? 'bin';
}
