import { readFile, stat } from 'node:fs/promises';
import { sha256Of } from '../core/ids.ts';
import type { EndpointDescription, GeneratedEvent } from '../core/journal-event.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Modality, Prompt } from '../core/prompt.ts';
import { createTrial, type Trial } from '../core/trial.ts';
import type { VideoSettings } from '../core/video-settings.ts';
import type { Detector } from '../detectors/detector.ts';
import { type BlobStore, createBlobStore } from '../store/blobs.ts';
import { openJournal } from '../store/journal.ts';
import type { RunReader } from '../store/run-reader.ts';
import { createTaskQueue } from './concurrency.ts';
import { detectionId, detectMedia, type OpenStoredMedia } from './detect-stage.ts';
import { storeMedia } from './generate-stage.ts';
import { appendOpening, assertSamePlan, inRunFolder } from './open-run.ts';
import { contextOf } from './prompt-context.ts';
import { type FolderMode, runFolder } from './run-folder.ts';

/** Media on disk, with the prompt that asked for it where one is known. */
export interface ScoreItem {
  /** Where the bytes are. */
  readonly path: string;
  /** The prompt, or for media without one a stand-in that carries `MEDIA_ONLY_TAG`. */
  readonly prompt: Prompt;
  /** The system that made it; `files` where nothing else is known. */
  readonly endpoint: string;
  readonly seed: number;
}

export interface ScoreInputs {
  readonly name: string;
  readonly folder: string;
  readonly mode: FolderMode;
  readonly items: readonly ScoreItem[];
  readonly detectors: readonly Detector[];
  readonly openMedia: OpenStoredMedia;
  readonly video: VideoSettings;
  readonly maxBytes: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly detectConcurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly onScored: (endpoint: string) => void;
}

/**
 * Enters a run at detection, with media that is already there. The journal is that of any run, so
 * that judging, reporting and purging work alike. With `mode: 'resume'` it does what an interrupted
 * run left.
 *
 * @throws SafelightError for a folder in use, and for other media than the run began with.
 */
export async function scoreMedia(inputs: ScoreInputs): Promise<{ finished: boolean }> {
  return inRunFolder(inputs.folder, inputs.mode, (reader) => scoreLocked(inputs, reader));
}

async function scoreLocked(
  inputs: ScoreInputs,
  reader: RunReader | undefined,
): Promise<{ finished: boolean }> {
  const planHash = sha256Of(
    inputs.items.map(({ path, prompt, endpoint, seed }) => [path, prompt, endpoint, seed]),
  );
  assertSamePlan(reader, planHash);
  const paths = runFolder(inputs.folder);
  const blobs = createBlobStore(paths.blobs);
  const descriptions = inputs.detectors.map(({ description }) => description);
  const detection = detectionId(descriptions, inputs.video);
  const journal = await openJournal(paths.journal);
  const queue = createTaskQueue(inputs.detectConcurrency, inputs.detectConcurrency);
  const at = (): string => inputs.now().toISOString();

  async function scoreItem(item: ScoreItem, trial: Trial): Promise<void> {
    if (inputs.signal.aborted) return;
    const event = await readItem(item, trial, blobs, inputs.maxBytes, at());
    await journal.append(event);
    if (event.outcome.kind !== 'media') return;
    const found = await detectMedia(
      event.outcome.media,
      inputs.detectors,
      (ref, plan) => inputs.openMedia(ref, blobs, inputs.signal, plan),
      inputs.signal,
      contextOf(item.prompt),
      inputs.video,
    );
    await journal.append({ type: 'detected', at: at(), trialId: trial.id, detection, ...found });
  }

  try {
    await appendOpening(journal, reader, {
      at: at(),
      name: inputs.name,
      planHash,
      versions: inputs.versions,
      configuration: { kind: 'score', items: inputs.items.length, video: inputs.video },
      endpoints: describeSources(inputs.items),
      detection,
      detectors: descriptions,
    });

    for (const { item, repeat } of withRepeats(inputs.items)) {
      if (inputs.signal.aborted) break;
      await queue.push(async () => {
        const trial = trialOf(item, repeat);
        const before = reader?.state(trial.id);
        if (before?.outcome !== 'failed' && before?.detection !== detection) {
          try {
            await scoreItem(item, trial);
          } catch (error) {
            // Cut off by an interruption: the medium is looked at on resume.
            if (inputs.signal.aborted) return;
            throw error;
          }
        }
        if (!inputs.signal.aborted) inputs.onScored(item.endpoint);
      });
    }
    await queue.drain();
    if (inputs.signal.aborted) return { finished: false };
    await journal.append({ type: 'run_finished', at: at() });
    return { finished: true };
  } finally {
    await queue.drain().catch(() => undefined);
    await journal.close();
  }
}

function describeSources(items: readonly ScoreItem[]): EndpointDescription[] {
  const modalities = new Map<string, Modality>();
  for (const { endpoint, prompt } of items) {
    const modality = prompt.modality === 'video' ? 'video' : 'image';
    modalities.set(endpoint, modalities.get(endpoint) ?? modality);
  }
  return [...modalities].map(([id, modality]) => ({
    id,
    kind: 'files',
    modality,
    revision: null,
    parameters: {},
    safetySettings: {},
  }));
}

/** Several media of one prompt, endpoint and seed are repeats: each is a trial of its own. */
function* withRepeats(items: readonly ScoreItem[]): Generator<{ item: ScoreItem; repeat: number }> {
  const seen = new Map<string, number>();
  for (const item of items) {
    const key = JSON.stringify([item.endpoint, item.prompt.id, item.prompt.text, item.seed]);
    const repeat = seen.get(key) ?? 0;
    seen.set(key, repeat + 1);
    yield { item, repeat };
  }
}

function trialOf({ prompt, endpoint, seed }: ScoreItem, repeat: number): Trial {
  return createTrial(
    {
      promptId: prompt.id,
      endpoint,
      revision: null,
      parameters: {},
      safetySettings: {},
      seed,
      repeat,
    },
    prompt.text,
  );
}

async function readItem(
  item: ScoreItem,
  trial: Trial,
  blobs: BlobStore,
  maxBytes: number,
  at: string,
): Promise<GeneratedEvent> {
  const outcome = await readOutcome(item.path, blobs, maxBytes);
  return {
    type: 'generated',
    at,
    trial,
    prompt: item.prompt,
    outcome,
    evidence: {
      protocol: 'files',
      request: null,
      events: [],
      media: outcome.kind === 'media' ? outcome.media : [],
      requested: 1,
      retries: [],
    },
    latencyMs: 0,
    costUsd: null,
    cached: false,
  };
}

async function readOutcome(path: string, blobs: BlobStore, maxBytes: number): Promise<Outcome> {
  const rejected = (detail: string): Outcome => ({
    kind: 'failed',
    cause: 'media_rejected',
    detail,
  });
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > maxBytes) return rejected('the file is larger than the limit');
    bytes = await readFile(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return rejected(code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`);
  }
  const stored = await storeMedia(bytes, blobs);
  if (stored.kind === 'problem') return rejected(stored.message);
  return { kind: 'media', media: [stored], requested: 1, withheld: 0 };
}
