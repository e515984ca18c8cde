import { sha256Of } from '../core/ids.ts';
import type {
  DetectorDescription,
  EndpointDescription,
  JournalEvent,
  RunStartedEvent,
} from '../core/journal-event.ts';
import type { JournalWriter } from '../store/journal.ts';
import { lockRun } from '../store/run-lock.ts';
import { openRun, type RunReader } from '../store/run-reader.ts';
import {
  type FolderMode,
  makeFolder,
  planChanged,
  prepareRunFolder,
  runFolder,
} from './run-folder.ts';

/**
 * Does something in a run's folder, which nobody else may use meanwhile.
 *
 * @param use gets what an earlier process left where the run is resumed.
 * @throws SafelightError for a folder in use, or one that `mode` does not fit.
 */
export async function inRunFolder<Result>(
  folder: string,
  mode: FolderMode,
  use: (reader: RunReader | undefined) => Promise<Result>,
): Promise<Result> {
  const paths = runFolder(folder);
  await makeFolder(paths.folder);
  const lock = await lockRun(paths.folder);
  try {
    const resumed = await prepareRunFolder(paths, mode);
    const reader = resumed ? await openRun(paths.journal) : undefined;
    try {
      return await use(reader);
    } finally {
      await reader?.close();
    }
  } finally {
    await lock.release();
  }
}

/** @throws SafelightError where a resumed run was begun with another plan. */
export function assertSamePlan(reader: RunReader | undefined, planHash: string): void {
  if (reader !== undefined && reader.started.planHash !== planHash) throw planChanged();
}

/** What the first lines of a session in a journal tell. */
export interface Opening {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly name: string;
  readonly planHash: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly configuration: RunStartedEvent['configuration'];
  readonly endpoints: readonly EndpointDescription[];
  /** Id of the detection, see `detectionId`. */
  readonly detection: string;
  readonly detectors: readonly DetectorDescription[];
}

/** Writes that a run begins or goes on, whom it asks, and what looks at the answers. */
export async function appendOpening(
  journal: Pick<JournalWriter, 'append'>,
  reader: RunReader | undefined,
  opening: Opening,
): Promise<void> {
  const { at, detection } = opening;
  await journal.append(reader === undefined ? started(opening) : { type: 'run_resumed', at });
  for (const endpoint of opening.endpoints)
    await journal.append({ type: 'endpoint', at, endpoint });
  if (reader?.detection !== detection) {
    await journal.append({ type: 'detectors', at, detection, detectors: [...opening.detectors] });
  }
}

function started({ at, name, planHash, versions, configuration }: Opening): JournalEvent {
  return {
    type: 'run_started',
    schema: 1,
    at,
    runId: `${name}-${sha256Of({ at, planHash }).slice(0, 8)}`,
    pipeline: name,
    planHash,
    versions: { ...versions },
    configuration,
  };
}
