import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { storeMedia } from '../run/generate-stage.ts';
import type { EndpointEntry } from '../run/pipeline.ts';
import { createBlobStore } from '../store/blobs.ts';
import { describeOutcome } from './endpoints-replay.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { loadPipeline } from './load-pipeline.ts';
import { mediaLimits, openStoredMedia } from './open-stored-media.ts';
import type { Terminal } from './terminal.ts';
import { closeAll, createEndpoints } from './wiring.ts';

/** Nobody has a reason to refuse it. */
const HARMLESS_PROMPT = 'A red apple on a wooden table, soft daylight.';

interface Step {
  readonly endpoint: string;
  readonly step: 'configuration' | 'description' | 'answer' | 'media' | 'cost';
  readonly ok: boolean;
  readonly detail: string;
}

/**
 * `safelight endpoints check`: sends one harmless prompt to each endpoint, and says step by step
 * what it found.
 *
 * @param only id of the one endpoint to check; undefined checks all.
 */
export async function checkEndpoints(
  file: string,
  only: string | undefined,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const { pipeline, folder: pipelineFolder } = await loadPipeline(file, [], terminal.cwd);
  const entries = pipeline.endpoints.filter(({ id }) => only === undefined || id === only);
  if (entries.length === 0) {
    const ids = pipeline.endpoints.map(({ id }) => id);
    throw new SafelightError(`${file} holds no endpoint "${only}"`, {
      code: 'unknown_endpoint',
      kind: 'usage',
      hint: didYouMean(only ?? '', ids),
    });
  }
  const folder = await mkdtemp(join(tmpdir(), 'safelight-check-'));
  const steps: Step[] = [];
  try {
    for (const entry of entries) {
      for await (const step of checkEndpoint(entry, folder, pipelineFolder, terminal)) {
        steps.push(step);
        if (!json) {
          terminal.out(
            `${step.ok ? 'ok    ' : 'failed'}  ${step.endpoint}  ${step.step}: ${step.detail}`,
          );
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (json) terminal.out(JSON.stringify(steps, null, 2));
  return steps.every(({ ok }) => ok) ? EXIT.done : EXIT.gateFailed;
}

async function* checkEndpoint(
  entry: EndpointEntry,
  folder: string,
  pipelineFolder: string,
  terminal: Terminal,
): AsyncGenerator<Step> {
  const report = (step: Step['step'], ok: boolean, detail: string): Step => ({
    endpoint: entry.id,
    step,
    ok,
    detail,
  });
  let endpoint: Endpoint | undefined;
  try {
    const noPrompts = async function* () {
      // The sandbox then judges the prompt by its words.
    };
    endpoint = (
      await createEndpoints([entry], () => entry.id, noPrompts, terminal, pipelineFolder)
    )[0]?.endpoint;
    if (endpoint === undefined) return;
    yield report('configuration', true, `${entry.use}, keys are set`);
    const { kind, modality, revision } = await endpoint.describe(terminal.signal);
    yield report(
      'description',
      true,
      `${kind} answers with ${modality}s, revision ${revision ?? 'not told'}`,
    );
    yield* checkAnswer(endpoint, folder, terminal, report);
  } catch (error) {
    if (!(error instanceof SafelightError)) throw error;
    const hint = error.hint === undefined ? '' : ` ${error.hint}`;
    yield report(
      endpoint === undefined ? 'configuration' : 'description',
      false,
      `${error.message}.${hint}`,
    );
  } finally {
    if (endpoint !== undefined) await closeAll([endpoint]);
  }
}

async function* checkAnswer(
  endpoint: Endpoint,
  folder: string,
  terminal: Terminal,
  report: (step: Step['step'], ok: boolean, detail: string) => Step,
): AsyncGenerator<Step> {
  const blobs = createBlobStore(folder);
  const { outcome, latencyMs, costUsd } = await endpoint.generate(
    { promptText: HARMLESS_PROMPT, seed: 7, repeat: 0 },
    { signal: terminal.signal, store: (bytes) => storeMedia(bytes, blobs) },
  );
  const seconds = `${(latencyMs / 1000).toFixed(1)} s`;
  yield report('answer', outcome.kind === 'media', `${describeOutcome(outcome)} after ${seconds}`);
  if (outcome.kind !== 'media') return;
  const open = openStoredMedia(mediaLimits(2), terminal);
  for (const ref of outcome.media) {
    const media = await open(ref, blobs, terminal.signal);
    if (media.kind === 'image') {
      const { widthPx, heightPx } = media.image;
      yield report('media', true, `${ref.mime}, ${widthPx} × ${heightPx} px`);
    } else if (media.kind === 'video') {
      yield report('media', true, `${ref.mime}, ${media.sampling.durationMs} ms`);
    } else {
      const why = media.kind === 'problem' ? media.message : 'it was not kept';
      yield report('media', false, `${ref.mime} cannot be looked at: ${why}`);
    }
  }
  yield report('cost', true, costUsd === null ? 'not told' : `${costUsd} USD`);
}
