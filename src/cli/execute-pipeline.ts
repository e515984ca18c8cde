import { join, resolve } from 'node:path';
import type { Policy } from '../core/policy.ts';
import type { ProgressEvent } from '../run/execute.ts';
import { hasSeenEnough } from '../run/judge-run.ts';
import { type PromptSource, type RunPipelineInputs, runPipeline } from '../run/run-pipeline.ts';
import { type FinishedRun, finishRun } from './finish-run.ts';
import { besidePipeline, type LoadedPipeline } from './load-pipeline.ts';
import { mediaLimits, openStoredMedia } from './open-stored-media.ts';
import { folderMode, LOOK_AT_ONCE } from './options.ts';
import { loadPolicyByName } from './policies.ts';
import { createProgress } from './progress.ts';
import { openPromptSource } from './prompt-source.ts';
import type { Terminal } from './terminal.ts';
import { versions } from './version.ts';
import { closeAll, createDetectors, createEndpoints, type WiredEndpoint } from './wiring.ts';

/** What a command that runs a pipeline was told. */
export interface ExecuteOptions {
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly retryFailed?: boolean;
  readonly json?: boolean;
}

/** What a run that asks further prompts is given: see `further` of `RunPipelineInputs`. */
export type FurtherOf = (run: {
  readonly folder: string;
  readonly policy: Policy;
  readonly source: PromptSource;
  readonly endpoints: readonly WiredEndpoint[];
}) => Promise<NonNullable<RunPipelineInputs['further']>>;

/**
 * Runs a pipeline's file into its folder and makes summary and report.
 *
 * @param file for messages; the pipeline itself may have been changed since it was read.
 * @returns undefined where it was interrupted.
 */
export async function executePipeline(
  { pipeline, folder, at }: LoadedPipeline,
  options: ExecuteOptions,
  terminal: Terminal,
  furtherOf?: FurtherOf,
): Promise<(FinishedRun & { readonly folder: string; readonly policy: Policy }) | undefined> {
  const out = resolve(terminal.cwd, options.out ?? join('reports', pipeline.name));
  const policy = await loadPolicyByName(pipeline.policy, (path) => besidePipeline(path, folder));
  const source = await openPromptSource(pipeline, folder, terminal.env);
  const endpoints = await createEndpoints(
    pipeline.endpoints,
    (index) => at('endpoints', index),
    source.prompts,
    terminal,
    folder,
  );
  try {
    const detectors = await createDetectors(
      pipeline.detectors,
      (index) => at('detectors', index),
      pipeline.endpoints.map(({ use }) => use),
      { env: terminal.env, folder },
    );
    const further = await furtherOf?.({ folder: out, policy, source, endpoints });
    const progress = createProgress(pipeline.name, terminal, options.json === true);
    const tally = createTally();
    try {
      const { finished } = await runPipeline({
        pipeline,
        folder: out,
        mode: folderMode(options),
        retryFailed: options.retryFailed === true,
        source,
        endpoints,
        detectors,
        openMedia: openStoredMedia(mediaLimits(pipeline.video.frames), terminal),
        versions: await versions(),
        // Classifier and reader have threads of their own; decoding shares the rest.
        detectConcurrency: LOOK_AT_ONCE,
        enough: () => hasSeenEnough(out, policy),
        ...(further === undefined ? {} : { further }),
        signal: terminal.signal,
        now: () => new Date(),
        onPlanned: (trials) => progress.start(trials),
        onProgress: (event) => {
          const note = tally(event);
          if (event.type !== 'detected') progress.advance(note);
        },
      });
      progress.stop();
      if (!finished) {
        terminal.err('Interrupted. Go on with the same command and --resume.');
        return undefined;
      }
    } finally {
      progress.stop();
      await closeAll(detectors);
    }
  } finally {
    await closeAll(endpoints.map(({ endpoint }) => endpoint));
  }
  return { ...(await finishRun(out, policy, terminal)), folder: out, policy };
}

/** Counts answers by kind, for the line beside the bar. */
function createTally(): (event: ProgressEvent) => string {
  const counts = { media: 0, refused: 0, failed: 0, detected: 0 };
  return (event) => {
    if (event.type === 'detected') counts.detected += 1;
    if (event.type === 'generated') counts[event.outcome] += 1;
    return `${counts.media} media (${counts.detected} looked at), ${counts.refused} refused, ${counts.failed} failed`;
  };
}
