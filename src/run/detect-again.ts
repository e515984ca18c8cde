import type { VideoSettings } from '../core/video-settings.ts';
import type { Detector } from '../detectors/detector.ts';
import { createBlobStore } from '../store/blobs.ts';
import { openJournal } from '../store/journal.ts';
import { lockRun } from '../store/run-lock.ts';
import { openRun } from '../store/run-reader.ts';
import { createTaskQueue } from './concurrency.ts';
import { detectionId, detectMedia, type OpenStoredMedia } from './detect-stage.ts';
import { contextOf } from './prompt-context.ts';
import { runFolder } from './run-folder.ts';
import { sealFindings } from './sealed-texts.ts';

export interface DetectAgainInputs {
  readonly folder: string;
  readonly detectors: readonly Detector[];
  readonly openMedia: OpenStoredMedia;
  readonly video: VideoSettings;
  readonly detectConcurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onPlanned: (trials: number) => void;
  readonly onDetected: () => void;
}

export interface DetectAgainResult {
  readonly finished: boolean;
  /** Trials whose media was purged or never kept: their earlier findings stand. */
  readonly withoutMedia: number;
}

/**
 * Looks at a run's stored media again, with these detectors. Nothing is generated. What was already
 * looked at with the same detectors is left alone, so that an interrupted detection can go on.
 */
export async function detectAgain(inputs: DetectAgainInputs): Promise<DetectAgainResult> {
  const paths = runFolder(inputs.folder);
  const reader = await openRun(paths.journal);
  const lock = await lockRun(paths.folder);
  const journal = await openJournal(paths.journal);
  const blobs = createBlobStore(paths.blobs);
  const queue = createTaskQueue(inputs.detectConcurrency, inputs.detectConcurrency);
  const descriptions = inputs.detectors.map(({ description }) => description);
  const detection = detectionId(descriptions, inputs.video);
  const at = (): string => inputs.now().toISOString();
  let withoutMedia = 0;
  try {
    let announced = reader.detection === detection;
    inputs.onPlanned(reader.trialCount);
    for await (const { generated } of reader.records()) {
      if (inputs.signal.aborted) break;
      const { trial, prompt, outcome } = generated;
      if (outcome.kind !== 'media' || reader.state(trial.id).detection === detection) {
        inputs.onDetected();
        continue;
      }
      const present = await Promise.all(outcome.media.map(({ sha256 }) => blobs.has(sha256)));
      if (present.includes(false)) {
        withoutMedia += 1;
        inputs.onDetected();
        continue;
      }
      // Where no media is left, the run stays that of its earlier detectors.
      if (!announced) {
        await journal.append({ type: 'detectors', at: at(), detection, detectors: descriptions });
        announced = true;
      }
      await queue.push(async () => {
        if (inputs.signal.aborted) return;
        try {
          const found = await detectMedia(
            outcome.media,
            inputs.detectors,
            (ref, plan) => inputs.openMedia(ref, blobs, inputs.signal, plan),
            inputs.signal,
            contextOf(prompt),
            inputs.video,
          );
          await journal.append({
            type: 'detected',
            at: at(),
            trialId: trial.id,
            detection,
            ...found,
            ...(prompt.sealed === undefined ? {} : { findings: sealFindings(found.findings) }),
          });
        } catch (error) {
          // Cut off by an interruption: the same command looks at it again.
          if (inputs.signal.aborted) return;
          throw error;
        }
        inputs.onDetected();
      });
    }
    await queue.drain();
    return { finished: !inputs.signal.aborted, withoutMedia };
  } finally {
    await queue.drain().catch(() => undefined);
    await journal.close();
    await lock.release();
    await reader.close();
  }
}
