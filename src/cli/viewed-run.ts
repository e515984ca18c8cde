import { existsSync } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { SafelightError } from '../core/errors.ts';
import type { MediaRef } from '../core/media-ref.ts';
import { judgeTrial } from '../judge/judge-trial.ts';
import { policyHash } from '../judge/policy.ts';
import { createRunFactsFold } from '../judge/run-facts.ts';
import { sniffMedia } from '../media/sniff.ts';
import { pixelatedThumbnail } from '../media/thumbnail.ts';
import { gatherFacts, judgeRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { createBlobStore } from '../store/blobs.ts';
import { type LabelSet, loadLabels, NO_LABELS } from '../store/labels.ts';
import { openRun } from '../store/run-reader.ts';
import type { KnownRun, OpenedRun } from '../viewer/viewer.ts';
import { storedPolicy } from './finish-run.ts';
import { mediaLimits, openStoredMedia } from './open-stored-media.ts';
import { createPictureCache, type DecodedPicture } from './picture-cache.ts';
import type { Terminal } from './terminal.ts';

/** Frames that a video is looked at by. */
const FRAMES = 16;

/** Pixels that are kept decoded: a video of 1080p in 16 frames takes 100 MB. */
const PIXEL_CACHE_BYTES = 192 * 1024 * 1024;

export function viewedRun(folder: string, terminal: Terminal): KnownRun {
  return { key: basename(folder), open: () => openViewedRun(folder, terminal) };
}

/** Runs of folders that are called alike get a number: a key names one run. */
export function viewedRuns(folders: readonly string[], terminal: Terminal): KnownRun[] {
  const used = new Set<string>();
  return folders.map((folder) => {
    const run = viewedRun(folder, terminal);
    let { key } = run;
    for (let number = 2; used.has(key); number += 1) key = `${run.key} (${number})`;
    used.add(key);
    return { ...run, key };
  });
}

/**
 * A run may come from elsewhere: what is read and written for it stands inside its own folder.
 *
 * @throws SafelightError `link_in_run`.
 */
export async function refuseLinks(folder: string): Promise<void> {
  const paths = runFolder(folder);
  const names = [paths.journal, paths.manifest, paths.labels, join(folder, '.viewer')];
  for (const path of [...names, join(folder, '.viewer', 'index.duckdb')]) {
    const entry = await lstat(path).catch(() => undefined);
    if (entry?.isSymbolicLink() !== true) continue;
    throw new SafelightError(`${basename(path)} in the run's folder is a link to elsewhere`, {
      code: 'link_in_run',
      kind: 'input',
      hint: 'Put the file itself in its place: the viewer follows no link out of a run.',
    });
  }
}

async function openViewedRun(folder: string, terminal: Terminal): Promise<OpenedRun> {
  await refuseLinks(folder);
  const paths = runFolder(folder);
  const policy = await storedPolicy(folder);
  const fingerprint = [policyHash(policy), await stampOf(paths.journal)].join(' ');
  const look = createRunFactsFold({ policy });
  const reader = await openRun(paths.journal, look.add);
  const facts = await gatherFacts(reader, policy, NO_LABELS, look).catch(async (error: unknown) => {
    await reader.close();
    throw error;
  });
  const blobs = createBlobStore(paths.blobs);
  const open = openStoredMedia(mediaLimits(FRAMES), terminal);
  const cache = createPictureCache(PIXEL_CACHE_BYTES);
  const { runId } = reader.started;

  async function decode(ref: MediaRef): Promise<DecodedPicture[]> {
    // Reading checks the hash: what stands under another's name is not shown as its picture.
    if ((await blobs.read(ref.sha256)) === null) return [];
    const media = await open(ref, blobs, terminal.signal);
    if (media.kind === 'image') return [{ ...media.image, timeMs: 0 }];
    return media.kind === 'video' ? [...media.frames] : [];
  }

  async function picture(ref: MediaRef, timeMs: number): Promise<DecodedPicture | null> {
    const pictures = await cache.get(ref.sha256, () => decode(ref));
    const [nearest] = pictures.toSorted(
      (a, b) => Math.abs(a.timeMs - timeMs) - Math.abs(b.timeMs - timeMs),
    );
    return nearest ?? null;
  }

  let labels: { readonly stamp: string; readonly set: LabelSet } = {
    stamp: 'none',
    set: NO_LABELS,
  };

  return {
    runId,
    pipeline: reader.started.pipeline,
    folder,
    endpoints: reader.endpoints,
    detectors: reader.detectors,
    policy,
    trialCount: reader.trialCount,
    blobs,
    fingerprint,
    record: (trialId) => reader.record(trialId),
    verdict: (record, { on }) =>
      judgeTrial(record, { ...facts, labelsOn: on }, policy, reader.detectors),
    judged: () => judgeRun(reader, facts, policy),
    async labels() {
      const stamp = await stampOf(paths.labels);
      if (stamp === labels.stamp) return labels.set;
      await refuseLinks(folder);
      const set = existsSync(paths.labels)
        ? await loadLabels(paths.labels, runId, 'labels.jsonl')
        : NO_LABELS;
      labels = { stamp, set };
      return set;
    },
    async medium(ref) {
      const bytes = await blobs.read(ref.sha256);
      if (bytes === null) return null;
      const sniffed = await sniffMedia(bytes);
      return { bytes, mime: 'mime' in sniffed ? sniffed.mime : null };
    },
    async preview(ref, timeMs) {
      const image = await picture(ref, timeMs ?? 0);
      return image === null ? null : pixelatedThumbnail(image);
    },
    async frame(ref, timeMs) {
      const image = await picture(ref, timeMs);
      if (image === null) return null;
      const { rgb, widthPx: width, heightPx: height } = image;
      return sharp(rgb, { raw: { width, height, channels: 3 } })
        .png({ compressionLevel: 1 })
        .toBuffer();
    },
    close: () => reader.close(),
  };
}

/** Size and time of a file: a journal only grows, and a changed one has another time. */
async function stampOf(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size}/${mtimeMs}`;
  } catch {
    return 'none';
  }
}
