import { canonicalJson } from '../core/ids.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import type { RunReader } from '../store/run-reader.ts';

/** A trial whose recorded evidence now reads as something else. */
export interface ChangedOutcome {
  readonly trialId: string;
  readonly endpoint: string;
  readonly before: Outcome;
  readonly after: Outcome;
}

export interface ReplayResult {
  /** Trials whose evidence was classified again. */
  readonly replayed: number;
  /** Trials without a known endpoint, or media that was scored from disk. */
  readonly skipped: number;
  readonly changed: readonly ChangedOutcome[];
}

/**
 * Decides every outcome of a run again from its recorded evidence, with the rules of today. Nothing
 * is sent and nothing is written.
 */
export async function replayRun(
  reader: RunReader,
  endpoints: ReadonlyMap<string, Pick<Endpoint, 'classify'>>,
): Promise<ReplayResult> {
  const changed: ChangedOutcome[] = [];
  let replayed = 0;
  let skipped = 0;
  for await (const { generated } of reader.records()) {
    const { trial, evidence, outcome: before } = generated;
    const endpoint = endpoints.get(trial.endpoint);
    if (endpoint === undefined || evidence.protocol === 'files') {
      skipped += 1;
      continue;
    }
    replayed += 1;
    const after = endpoint.classify(evidence);
    if (canonicalJson(after) !== canonicalJson(before)) {
      changed.push({ trialId: trial.id, endpoint: trial.endpoint, before, after });
    }
  }
  return { replayed, skipped, changed };
}
