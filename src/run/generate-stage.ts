import type { GeneratedEvent, PickUp } from '../core/journal-event.ts';
import type { MediaRef } from '../core/media-ref.ts';
import type { Endpoint, GenerationContext } from '../endpoints/endpoint.ts';
import { sniffMedia } from '../media/sniff.ts';
import type { BlobStore } from '../store/blobs.ts';
import { isStoppedByMinorsGuard } from '../suites/minors-guard.ts';
import type { PlannedTrial } from './plan.ts';

export interface GenerateOptions {
  readonly blobs: BlobStore;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onJob: (trialId: string, jobId: string, pickUp?: PickUp) => Promise<void>;
  /** A job of an earlier process. */
  readonly pickUp?: GenerationContext['pickUp'];
  /** Told before the answer is returned. */
  readonly onMisread: (how: string) => void;
}

/** A prompt that was not sent. */
export interface StoppedTrial {
  readonly type: 'stopped';
}

/**
 * Asks an endpoint for one trial's media. The minors guard stands here, as the last step before
 * sending, for every prompt of whatever origin.
 *
 * @returns undefined where the run was interrupted: such a trial has no outcome.
 */
export async function generateTrial(
  endpoint: Endpoint,
  planned: PlannedTrial,
  options: GenerateOptions,
): Promise<GeneratedEvent | StoppedTrial | undefined> {
  const { trial, prompt } = planned;
  if (isStoppedByMinorsGuard(prompt.text)) return { type: 'stopped' };
  const generation = await endpoint.generate(
    { promptText: prompt.text, seed: trial.seed, repeat: trial.repeat },
    {
      signal: options.signal,
      store: (bytes) => storeMedia(bytes, options.blobs),
      onJob: (jobId, pickUp) => options.onJob(trial.id, jobId, pickUp),
      pickUp: options.pickUp,
    },
  );
  if (options.signal.aborted) return undefined;
  if (generation.misread !== undefined) options.onMisread(generation.misread);
  return {
    type: 'generated',
    at: options.now().toISOString(),
    trial,
    prompt,
    outcome: generation.outcome,
    evidence: generation.evidence,
    latencyMs: generation.latencyMs,
    costUsd: generation.costUsd,
    ...(generation.revisedPrompt === undefined ? {} : { revisedPrompt: generation.revisedPrompt }),
    ...(generation.reported === undefined ? {} : { reported: generation.reported }),
    cached: false,
  };
}

/** Stores bytes under their hash when they are a picture or a video. */
export async function storeMedia(
  bytes: Uint8Array,
  blobs: BlobStore,
): Promise<MediaRef | { kind: 'problem'; code: string; message: string }> {
  const sniffed = await sniffMedia(bytes);
  if (sniffed.kind === 'problem') return sniffed;
  const sha256 = await blobs.put(bytes);
  return { sha256, kind: sniffed.kind, mime: sniffed.mime, sizeBytes: bytes.byteLength };
}
