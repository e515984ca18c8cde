import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import type { MediaRef } from '../core/media-ref.ts';
import { judgeTrial } from '../judge/judge-trial.ts';
import { policyHash } from '../judge/policy.ts';
import type { Media } from '../media/media.ts';
import { pixelatedThumbnail } from '../media/thumbnail.ts';
import { gatherFacts, judgeRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { createBlobStore } from '../store/blobs.ts';
import { openRun } from '../store/run-reader.ts';
import type { KnownRun, OpenedRun } from '../viewer/viewer.ts';
import { storedPolicy } from './finish-run.ts';
import { mediaLimits, openStoredMedia } from './open-stored-media.ts';
import type { Terminal } from './terminal.ts';

/** Frames that a video is looked at by. */
const FRAMES = 16;

export function viewedRun(folder: string, terminal: Terminal): KnownRun {
  return { key: basename(folder), open: () => openViewedRun(folder, terminal) };
}

async function openViewedRun(folder: string, terminal: Terminal): Promise<OpenedRun> {
  const paths = runFolder(folder);
  const policy = await storedPolicy(folder);
  const fingerprint = [
    policyHash(policy),
    await stampOf(paths.journal),
    await stampOf(paths.labels),
  ].join(' ');
  const reader = await openRun(paths.journal);
  const facts = await gatherFacts(reader, policy).catch(async (error: unknown) => {
    await reader.close();
    throw error;
  });
  const blobs = createBlobStore(paths.blobs);
  const open = openStoredMedia(mediaLimits(FRAMES), terminal);

  async function picture(
    ref: MediaRef,
    timeMs: number,
  ): Promise<Extract<Media, { kind: 'image' }>['image'] | null> {
    const media = await open(ref, blobs, terminal.signal);
    if (media.kind === 'image') return media.image;
    if (media.kind !== 'video') return null;
    const nearest = media.frames.toSorted(
      (a, b) => Math.abs(a.timeMs - timeMs) - Math.abs(b.timeMs - timeMs),
    )[0];
    return nearest ?? null;
  }

  return {
    runId: reader.started.runId,
    pipeline: reader.started.pipeline,
    folder,
    endpoints: reader.endpoints,
    detectors: reader.detectors,
    policy,
    trialCount: reader.trialCount,
    blobs,
    fingerprint,
    record: (trialId) => reader.record(trialId),
    verdict: (record) => judgeTrial(record, facts, policy, reader.detectors),
    judged: () => judgeRun(reader, facts, policy),
    async preview(ref, timeMs) {
      const image = await picture(ref, timeMs ?? 0);
      return image === null ? null : pixelatedThumbnail(image);
    },
    async frame(ref, timeMs) {
      const image = await picture(ref, timeMs);
      if (image === null) return null;
      const { rgb, widthPx: width, heightPx: height } = image;
      return sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
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
