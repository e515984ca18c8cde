import { setMaxListeners } from 'node:events';
import { SafelightError } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import type { EndpointDescription } from '../core/journal-event.ts';
import type { Prompt } from '../core/prompt.ts';
import type { Detector } from '../detectors/detector.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { delay } from '../net/deadline.ts';
import { createBlobStore } from '../store/blobs.ts';
import { type JournalWriter, openJournal } from '../store/journal.ts';
import type { RunReader } from '../store/run-reader.ts';
import { detectionId, type OpenStoredMedia } from './detect-stage.ts';
import { type ExecuteInputs, executeRun, type ProgressEvent } from './execute.ts';
import { discardMedia, keepMedia } from './media-room.ts';
import { appendOpening, assertSamePlan, inRunFolder } from './open-run.ts';
import type { EndpointEntry, Pipeline } from './pipeline.ts';
import { isWanted, suitsModality, trialsPerPrompt } from './plan.ts';
import { type FolderMode, runFolder } from './run-folder.ts';
import { sealJournal } from './seal-journal.ts';
import { untilBatches } from './until-batches.ts';

/** Prompts of a run, in a fixed order, readable any number of times. */
export interface PromptSource {
  /** Identifies the text of the prompts. */
  readonly suites: readonly {
    readonly id: string;
    readonly version: string;
    readonly licence: string;
    readonly sha256: string;
    readonly prompts: number;
    /** Hash of the names that its slots are filled with, where it has slots. */
    readonly slots?: string;
  }[];
  readonly prompts: () => AsyncIterable<Prompt>;
}

export interface RunPipelineInputs {
  readonly pipeline: Pipeline;
  readonly folder: string;
  readonly mode: FolderMode;
  readonly retryFailed: boolean;
  readonly source: PromptSource;
  readonly endpoints: readonly { readonly entry: EndpointEntry; readonly endpoint: Endpoint }[];
  readonly detectors: readonly Detector[];
  readonly openMedia: OpenStoredMedia;
  readonly versions: Readonly<Record<string, string>>;
  readonly detectConcurrency: number;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** Asked behind each batch of families where the pipeline says `until`: whether to stop. */
  readonly enough: () => Promise<boolean>;
  /**
   * Further prompts by endpoint, made of what came back: asked behind the source's prompts, round by
   * round, until there are none. The same journal must give the same rounds.
   */
  readonly further?: () => Promise<ReadonlyMap<string, readonly Prompt[]>>;
  /** Called once the number of trials is known. */
  readonly onPlanned: (trials: number) => void;
  readonly onProgress: (event: ProgressEvent) => void;
}

/**
 * Executes a pipeline into a folder. After an interruption, or a kill at any moment, the same call
 * with `mode: 'resume'` does what is left.
 *
 * @returns whether it ran to its end.
 * @throws SafelightError for a folder in use, another plan, an endpoint that cannot be reached.
 */
export async function runPipeline(inputs: RunPipelineInputs): Promise<{ finished: boolean }> {
  return inRunFolder(inputs.folder, inputs.mode, (reader) => runLocked(inputs, reader));
}

async function runLocked(
  inputs: RunPipelineInputs,
  reader: RunReader | undefined,
): Promise<{ finished: boolean }> {
  const paths = runFolder(inputs.folder);
  const { pipeline } = inputs;
  const planHash = planHashOf(pipeline, inputs.source);
  assertSamePlan(reader, planHash);

  // Every endpoint that is being described listens: more than ten are no leak.
  setMaxListeners(0, inputs.signal);
  const lanes = await Promise.all(
    inputs.endpoints.map(async ({ entry, endpoint }) => {
      const description = await endpoint.describe(inputs.signal);
      const before = reader?.endpoints.find(({ id }) => id === description.id);
      if (before !== undefined && before.revision !== description.revision) {
        throw revisionChanged(description.id);
      }
      return { endpoint, description, entry };
    }),
  );
  const descriptions = inputs.detectors.map(({ description }) => description);
  const detection = detectionId(descriptions, pipeline.video);

  const file = await openJournal(paths.journal);
  try {
    const { journal, restore } = await sealJournal(file, inputs.source.prompts());
    await appendOpening(journal, reader, {
      at: inputs.now().toISOString(),
      name: pipeline.name,
      planHash,
      versions: inputs.versions,
      configuration: {
        ...pipeline,
        suites: inputs.source.suites,
        endpoints: inputs.endpoints.map(({ entry, endpoint }) => ({
          ...entry,
          ...endpoint.recordedOptions,
        })),
      },
      endpoints: lanes.map(({ description }) => description),
      detection,
      detectors: descriptions,
    });

    inputs.onPlanned(await countTrials(inputs, lanes));
    const skipped = createSkipCounts(journal);
    const execute: Execute = (prompts, asked = lanes) =>
      executeRun({
        endpoints: asked,
        detectors: inputs.detectors,
        detection,
        prompts,
        plan: { seeds: pipeline.seeds, repeats: pipeline.repeats },
        journal: skipped,
        media:
          pipeline.retention === 'media'
            ? keepMedia(createBlobStore(paths.blobs))
            : discardMedia(paths.folder),
        openMedia: inputs.openMedia,
        video: pipeline.video,
        stateOf: (id) => reader?.state(id) ?? { outcome: null, detection: null },
        jobOf: (id) => reader?.job(id),
        recall: async (id) => restore((await reader?.record(id))?.generated),
        retryFailed: inputs.retryFailed,
        detectConcurrency: inputs.detectConcurrency,
        signal: inputs.signal,
        now: inputs.now,
        sleep: delay,
        onProgress: inputs.onProgress,
      });
    await executeAll(inputs, execute);
    await executeFurther(inputs, lanes, execute);
    if (inputs.signal.aborted) return { finished: false };
    await journal.append({ type: 'run_finished', at: inputs.now().toISOString() });
    return { finished: true };
  } finally {
    await file.close();
  }
}

type Lanes = ExecuteInputs['endpoints'];
type Execute = (prompts: () => AsyncIterable<Prompt>, lanes?: Lanes) => Promise<void>;

/** Rounds of prompts that each endpoint's own answers have led to. */
async function executeFurther(
  { further, signal }: RunPipelineInputs,
  lanes: Lanes,
  execute: Execute,
): Promise<void> {
  while (further !== undefined && !signal.aborted) {
    const round = await further();
    const open = lanes.flatMap((lane) => {
      const prompts = round.get(lane.endpoint.id) ?? [];
      return prompts.length === 0 ? [] : [{ lane, prompts }];
    });
    if (open.length === 0) return;
    await Promise.all(
      open.map(({ lane, prompts }) =>
        execute(
          async function* () {
            yield* prompts;
          },
          [lane],
        ),
      ),
    );
  }
}

/** All prompts at once, or in batches of families until enough was seen. */
async function executeAll(
  { pipeline: { until }, source, enough, signal }: RunPipelineInputs,
  execute: Execute,
): Promise<void> {
  if (until === undefined) return execute(source.prompts);
  for (const batch of await untilBatches(source.prompts(), until)) {
    await execute(async function* () {
      yield* batch;
    });
    // Only what every endpoint was asked counts: refusals come back before pictures do.
    if (signal.aborted || (await enough())) return;
  }
}

/** What is skipped in one batch adds to what was skipped before: the newest event counts. */
function createSkipCounts(journal: JournalWriter): JournalWriter {
  const counts = new Map<string, number>();
  return {
    ...journal,
    append(event) {
      if (event.type !== 'skipped') return journal.append(event);
      const key = `${event.endpoint} ${event.reason}`;
      const count = (counts.get(key) ?? 0) + event.count;
      counts.set(key, count);
      return journal.append({ ...event, count });
    },
  };
}

/** Hash of everything that decides what is generated. */
function planHashOf(pipeline: Pipeline, source: PromptSource): string {
  return sha256Of({
    suites: source.suites,
    sample: pipeline.sample ?? null,
    ...(pipeline.augment === undefined ? {} : { augment: pipeline.augment }),
    // How many requests run side by side, and when they stop, does not change what is asked.
    endpoints: pipeline.endpoints.map(
      ({ concurrency: _concurrency, limits: _limits, priceUsd: _priceUsd, ...entry }) => entry,
    ),
    seeds: pipeline.seeds,
    repeats: pipeline.repeats,
    ...(pipeline.until === undefined ? {} : { until: pipeline.until }),
    ...(pipeline.probe === undefined ? {} : { probe: pipeline.probe }),
  });
}

async function countTrials(
  inputs: RunPipelineInputs,
  lanes: readonly { readonly description: EndpointDescription; readonly entry: EndpointEntry }[],
): Promise<number> {
  let trials = 0;
  for await (const prompt of inputs.source.prompts()) {
    const asked = lanes.filter(
      ({ description, entry }) =>
        isWanted(prompt, entry.only) && suitsModality(prompt, description),
    );
    trials += asked.length * trialsPerPrompt(inputs.pipeline);
  }
  return trials;
}

function revisionChanged(endpoint: string): SafelightError {
  return new SafelightError(`endpoint ${endpoint} now serves another revision`, {
    code: 'revision_changed',
    kind: 'environment',
    hint: 'Results of two revisions do not belong together: start a new run with --out or --force.',
  });
}
