import { setMaxListeners } from 'node:events';
import type { GeneratedEvent, JournalEvent } from '../core/journal-event.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Detector } from '../detectors/detector.ts';
import type { Endpoint, EndpointDescription } from '../endpoints/endpoint.ts';
import type { JournalWriter } from '../store/journal.ts';
import { createTaskQueue, forEachConcurrently, type TaskQueue } from './concurrency.ts';
import { detectMedia, type OpenStoredMedia } from './detect-stage.ts';
import { generateTrial } from './generate-stage.ts';
import type { MediaRoom } from './media-room.ts';
import type { EndpointEntry } from './pipeline.ts';
import {
  isWanted,
  type PlannedTrial,
  type PlanOptions,
  planTrials,
  suitsModality,
} from './plan.ts';

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
  readonly stateOf: (trialId: string) => TrialState;
  /** The generated event of a trial whose detection is outstanding. */
  readonly recall: (trialId: string) => Promise<GeneratedEvent | undefined>;
  readonly retryFailed: boolean;
  /** Media looked at side by side. */
  readonly detectConcurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
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
  try {
    await Promise.all(
      inputs.endpoints.map(async (lane) => {
        try {
          await runLane(lane, inputs, detect, signal);
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

type Lane = ExecuteInputs['endpoints'][number];
type Detect = (event: GeneratedEvent) => Promise<void>;

async function runLane(
  lane: Lane,
  inputs: ExecuteInputs,
  detect: Detect,
  signal: AbortSignal,
): Promise<void> {
  const { description } = lane;
  const skipped = { minors_guard: 0, modality: 0 };

  async function* planned(): AsyncGenerator<PlannedTrial> {
    for await (const prompt of inputs.prompts()) {
      if (!isWanted(prompt, lane.entry.only)) continue;
      const trials = planTrials(prompt, description, inputs.plan);
      if (suitsModality(prompt, description)) yield* trials;
      else skipped.modality += trials.length;
    }
  }

  await forEachConcurrently(planned(), lane.entry.concurrency, signal, async (item) => {
    const state = inputs.stateOf(item.trial.id);
    const redo = inputs.retryFailed && state.outcome === 'failed';
    if (state.outcome !== null && !redo) {
      const outstanding = state.outcome === 'media' && state.detection !== inputs.detection;
      const event = outstanding ? await inputs.recall(item.trial.id) : undefined;
      inputs.onProgress({ type: 'skipped', endpoint: description.id });
      if (event !== undefined) await detect(event);
      return;
    }
    const event = await generateTrial(lane.endpoint, item, {
      blobs: inputs.media.of(item.trial.id),
      signal,
      now: inputs.now,
      onJob: (trialId, jobId) =>
        inputs.journal.append({ type: 'job', at: inputs.now().toISOString(), trialId, jobId }),
    });
    if (event === undefined) return;
    if (event.type === 'stopped') {
      skipped.minors_guard += 1;
      inputs.onProgress({ type: 'skipped', endpoint: description.id });
      return;
    }
    await inputs.journal.append(event);
    inputs.onProgress({
      type: 'generated',
      endpoint: description.id,
      outcome: event.outcome.kind,
    });
    await detect(event);
  });

  if (signal.aborted) return;
  for (const reason of ['minors_guard', 'modality'] as const) {
    if (skipped[reason] === 0) continue;
    const event: JournalEvent = {
      type: 'skipped',
      at: inputs.now().toISOString(),
      endpoint: description.id,
      reason,
      count: skipped[reason],
    };
    await inputs.journal.append(event);
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
          (ref) => inputs.openMedia(ref, inputs.media.of(trial.id), signal),
          {
            signal,
            prompt: { text: prompt.text, shownText: prompt.shownText, language: prompt.language },
          },
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
