import { setMaxListeners } from 'node:events';
import type { GeneratedEvent } from '../core/journal-event.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Prompt } from '../core/prompt.ts';
import type { VideoSettings } from '../core/video-settings.ts';
import type { Detector } from '../detectors/detector.ts';
import type { Endpoint, EndpointDescription, GenerationContext } from '../endpoints/endpoint.ts';
import type { JournalWriter } from '../store/journal.ts';
import { createTaskQueue, type TaskQueue } from './concurrency.ts';
import { detectMedia, type OpenStoredMedia } from './detect-stage.ts';
import type { MediaRoom } from './media-room.ts';
import type { EndpointEntry } from './pipeline.ts';
import type { PlanOptions } from './plan.ts';
import { contextOf } from './prompt-context.ts';
import { createCrew, type Detect, runLane } from './run-lane.ts';

/** How far a trial had come before this process. */
export interface TrialState {
  readonly outcome: GeneratedEvent['outcome']['kind'] | null;
  readonly detection: string | null;
}

export type ProgressEvent =
  | { readonly type: 'generated'; readonly endpoint: string; readonly outcome: Outcome['kind'] }
  | { readonly type: 'detected'; readonly endpoint: string }
  /** Already in the journal, or not sent. */
  | { readonly type: 'skipped'; readonly endpoint: string };

export interface ExecuteInputs {
  readonly endpoints: readonly {
    readonly endpoint: Endpoint;
    readonly description: EndpointDescription;
    readonly entry: EndpointEntry;
  }[];
  readonly detectors: readonly Detector[];
  readonly detection: string;
  /** Read once for each endpoint. */
  readonly prompts: () => AsyncIterable<Prompt>;
  readonly plan: PlanOptions;
  readonly journal: JournalWriter;
  readonly media: MediaRoom;
  readonly openMedia: OpenStoredMedia;
  readonly video: VideoSettings;
  readonly stateOf: (trialId: string) => TrialState;
  /** A job without an answer that an earlier process submitted. */
  readonly jobOf: (trialId: string) => GenerationContext['pickUp'];
  /** The generated event of a trial whose detection is outstanding. */
  readonly recall: (trialId: string) => Promise<GeneratedEvent | undefined>;
  readonly retryFailed: boolean;
  /** Media looked at side by side. */
  readonly detectConcurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onProgress: (event: ProgressEvent) => void;
}

/** Trials that may wait for detection before generation is held back. */
const DETECTION_BACKLOG = 64;

/**
 * Runs every planned trial that the journal does not hold yet. Returns when all are done or the
 * signal has aborted; everything acknowledged stands in the journal.
 */
export async function executeRun(inputs: ExecuteInputs): Promise<void> {
  // One failure (a full disk, say) ends all lanes, and requests under way are cut off.
  const internal = new AbortController();
  const signal = AbortSignal.any([inputs.signal, internal.signal]);
  // Every request under way listens: more than ten are no leak.
  setMaxListeners(0, signal);
  const queue = createTaskQueue(inputs.detectConcurrency, DETECTION_BACKLOG);
  const detect = createDetection(inputs, queue, signal);
  const crew = createCrew(inputs.endpoints);
  try {
    await Promise.all(
      inputs.endpoints.map(async (lane) => {
        try {
          await runLane(lane, inputs, detect, crew, signal);
        } catch (error) {
          internal.abort();
          throw error;
        }
      }),
    );
    await queue.drain();
  } finally {
    internal.abort();
    await queue.drain().catch(() => undefined);
  }
}

/** Detection beside generation, bounded: a slow detector holds generation back. */
function createDetection(inputs: ExecuteInputs, queue: TaskQueue, signal: AbortSignal): Detect {
  return async ({ trial, prompt, outcome }) => {
    if (outcome.kind !== 'media') {
      await inputs.media.done(trial.id);
      return;
    }
    await queue.push(async () => {
      if (signal.aborted) return;
      try {
        const found = await detectMedia(
          outcome.media,
          inputs.detectors,
          (ref, plan) => inputs.openMedia(ref, inputs.media.of(trial.id), signal, plan),
          signal,
          contextOf(prompt),
          inputs.video,
        );
        await inputs.journal.append({
          type: 'detected',
          at: inputs.now().toISOString(),
          trialId: trial.id,
          detection: inputs.detection,
          ...found,
        });
      } catch (error) {
        // Cut off by an interruption: the trial is looked at again on resume.
        if (signal.aborted) return;
        throw error;
      }
      await inputs.media.done(trial.id);
      inputs.onProgress({ type: 'detected', endpoint: trial.endpoint });
    });
  };
}
