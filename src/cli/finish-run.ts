import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { z } from 'zod';
import { inputError } from '../core/errors.ts';
import { type Policy, policySchema } from '../core/policy.ts';
import type { Summary } from '../core/summary.ts';
import { videoSettingsSchema } from '../core/video-settings.ts';
import { policyHash, withSuggestedThresholds } from '../judge/policy.ts';
import { createRunFactsFold } from '../judge/run-facts.ts';
import type { ReportManifest } from '../report/model.ts';
import { summaryTable } from '../report/print-table.ts';
import { gatherFacts, summariseRun } from '../run/judge-run.ts';
import { type RunFolder, runFolder } from '../run/run-folder.ts';
import { createBlobStore } from '../store/blobs.ts';
import { openRun, type RunReader } from '../store/run-reader.ts';
import { toStorageError } from '../store/storage-error.ts';
import { loadPolicyByName } from './policies.ts';
import { labelsOfRun } from './run-labels.ts';
import type { Terminal } from './terminal.ts';

export interface FinishedRun {
  readonly summary: Summary;
  /** Path of index.html. */
  readonly report: string;
}

/** `manifest.json`: what is needed to know what was measured, and to measure it again. */
const runManifestSchema = z.looseObject({ policy: policySchema });

const suiteListSchema = z.object({
  suites: z
    .array(
      z.object({
        id: z.string(),
        version: z.string(),
        licence: z.string(),
        sha256: z.string(),
        prompts: z.number(),
      }),
    )
    .default([]),
  video: z.object(videoSettingsSchema.shape).prefault({}),
});

/**
 * Folds a run's journal into `summary.json`, `manifest.json` and `index.html`.
 *
 * @param given the policy; where it says nothing of a detector, the threshold that comes with the
 * detector decides.
 * @param labelsFile instead of the labels that stand in the folder: as it stands in the command.
 * @throws SafelightError where the journal cannot be read or the files cannot be written.
 */
export async function finishRun(
  folder: string,
  given: Policy,
  terminal: Terminal,
  labelsFile?: string,
): Promise<FinishedRun> {
  // Drawing and decoding libraries take longer to load than most commands take to run.
  const [{ createReportFold }, { renderReport }, { createThumbnails }, stored] = await Promise.all([
    import('../report/build-model.ts'),
    import('../report/render-html.ts'),
    import('./thumbnails.ts'),
    import('./open-stored-media.ts'),
  ]);
  const paths = runFolder(folder);
  const look = createRunFactsFold({ policy: given });
  const reader = await openRun(paths.journal, look.add);
  try {
    const policy = withSuggestedThresholds(given, reader.detectors);
    const configuration = suiteListSchema.parse(reader.started.configuration);
    const labels =
      labelsFile === undefined ? undefined : await labelsOfRun(reader, labelsFile, terminal);
    const facts = await gatherFacts(reader, policy, labels, look);
    const manifest = manifestOf(reader, policy, configuration.suites);
    const report = createReportFold({
      endpoints: reader.endpoints,
      detectors: reader.detectors,
      policy,
      manifest,
      thumbnail: createThumbnails(
        createBlobStore(paths.blobs),
        stored.openStoredMedia(stored.mediaLimits(configuration.video.frames), terminal),
        terminal.signal,
        configuration.video.plan === 'scenes' ? { kind: 'scenes' } : undefined,
      ),
    });
    // Reading a journal costs more than anything that is made of it.
    const summary = await summariseRun(reader, facts, policy, report.add);
    const model = await report.finish(summary);
    const texts = [
      [paths.summary, `${JSON.stringify(summary, null, 2)}\n`],
      [paths.manifest, manifestText(reader, policy)],
    ] as const;
    if (await removeStaleComparison(paths, texts)) {
      terminal.err(
        'note: comparison.html showed other verdicts than these and was removed: `safelight compare` makes it anew.',
      );
    }
    for (const [path, text] of texts) await writeWhole(path, text);
    await writeWhole(paths.report, renderReport(model));
    return { summary, report: paths.report };
  } finally {
    await reader.close();
  }
}

/**
 * A comparison shows the verdicts of the policy, labels and findings that it was made by. It stays only
 * where nothing of that changed.
 *
 * @param texts what will stand in the folder.
 * @returns whether there was one that had to go.
 */
async function removeStaleComparison(
  { comparison }: RunFolder,
  texts: readonly (readonly [path: string, text: string])[],
): Promise<boolean> {
  if (!existsSync(comparison)) return false;
  for (const [path, text] of texts) {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) continue;
    await rm(comparison, { force: true });
    return true;
  }
  return false;
}

/**
 * The policy that a run was last judged by, or the default one.
 *
 * @throws SafelightError `manifest_invalid` where the manifest was changed.
 */
export async function storedPolicy(folder: string): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(runFolder(folder).manifest, 'utf8');
  } catch {
    return loadPolicyByName('default', (path) => path);
  }
  try {
    return runManifestSchema.parse(JSON.parse(text)).policy;
  } catch (cause) {
    throw inputError({ file: 'manifest.json' }, 'the policy of this run cannot be read from it', {
      code: 'manifest_invalid',
      hint: 'The file was changed by something else: `safelight judge <run>` writes it anew.',
      cause,
    });
  }
}

/** Prints the result for a person, or the summary for a machine. */
export function printResult(result: FinishedRun, terminal: Terminal, json: boolean): void {
  if (json) {
    terminal.out(JSON.stringify(result.summary, null, 2));
    return;
  }
  terminal.out(summaryTable(result.summary, { widthColumns: terminal.widthColumns }));
  terminal.out(`\nReport: ${relative(terminal.cwd, result.report)}`);
}

/** `manifest.json` as text. */
export function manifestText(reader: RunReader, policy: Policy): string {
  const manifest = {
    schema: 1,
    ...manifestOf(reader, policy),
    runId: reader.started.runId,
    configuration: reader.started.configuration,
    endpoints: reader.endpoints,
    detectors: reader.detectors,
    policy,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Versions, hashes and suites of a run. */
export function manifestOf(
  reader: RunReader,
  policy: Policy,
  suites = suiteListSchema.parse(reader.started.configuration).suites,
): ReportManifest {
  return {
    versions: reader.started.versions,
    hashes: { plan: reader.started.planHash, policy: policyHash(policy) },
    suites,
    skipped: reader.skipped,
  };
}

/** Never leaves half a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toStorageError(error, 'the report');
  }
}
