import type { TrialRecord } from '../core/journal-event.ts';
import { RequestError } from './answer.ts';
import type { IndexedRun } from './open-runs.ts';
import { familyOf } from './trial-query.ts';
import { isGuarded } from './trial-row.ts';
import type { OpenedRun } from './viewer.ts';

/** Evidence beyond this is cut: a page must stay one that can be read. */
const EVIDENCE_LIMIT = 40_000;

/** Everything about one trial. */
export async function trialStory({ run, index }: IndexedRun, trialId: string): Promise<unknown> {
  const record = await recordOf(run, trialId);
  const { generated, detected } = record;
  const evidence = JSON.stringify(generated.evidence, null, 2);
  return {
    trial: generated.trial,
    prompt: generated.prompt,
    outcome: generated.outcome,
    revisedPrompt: generated.revisedPrompt,
    latencyMs: generated.latencyMs,
    costUsd: generated.costUsd,
    cached: generated.cached,
    retries: generated.evidence.retries,
    evidence: evidence.slice(0, EVIDENCE_LIMIT),
    evidenceCut: evidence.length > EVIDENCE_LIMIT,
    findings: detected?.findings ?? [],
    sampling: detected?.sampling ?? {},
    verdict: run.verdict(record, await run.labels()),
    guarded: isGuarded(record, run.policy),
    family: await familyOf(index, trialId),
  };
}

export async function recordOf(run: OpenedRun, trialId: string): Promise<TrialRecord> {
  const record = await run.record(trialId);
  if (record === undefined) throw new RequestError(404, 'no_trial', 'there is no such trial here');
  return record;
}
