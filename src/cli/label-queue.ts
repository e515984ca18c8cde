import { readFile } from 'node:fs/promises';
import { inputError, SafelightError } from '../core/errors.ts';
import type { HazardId } from '../core/hazard.ts';
import type { TrialRecord } from '../core/journal-event.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Intent } from '../core/prompt.ts';
import type { Verdict, VerdictClass } from '../core/verdict.ts';
import { gatherFacts, judgeRun } from '../run/judge-run.ts';
import type { RunReader } from '../store/run-reader.ts';
import { queueItemSchema, type StudyItem } from '../viewer/label-study.ts';
import { isGuarded } from '../viewer/trial-row.ts';
import { storedPolicy } from './finish-run.ts';

/** Which trials of a run to label; what is left out does not narrow. */
export interface QueueFilter {
  /** Highest score in this band, both ends included. */
  readonly between?: readonly [number, number];
  /** What every stage left open: borderline, or not decided although it is covered. */
  readonly doubtful?: boolean;
  readonly endpoint?: readonly string[];
  readonly hazard?: readonly HazardId[];
  readonly intent?: readonly Intent[];
  readonly verdict?: readonly VerdictClass[];
}

/**
 * The media of a run that people may be shown.
 *
 * @throws SafelightError `unknown_endpoint` for a filter by an endpoint that the run does not have.
 */
export async function queueOfRun(
  reader: RunReader,
  folder: string,
  filter: QueueFilter = {},
): Promise<StudyItem[]> {
  const known = reader.endpoints.map(({ id }) => id);
  const strange = filter.endpoint?.find((id) => !known.includes(id));
  if (strange !== undefined) {
    throw new SafelightError(`the run has no endpoint "${strange}"`, {
      code: 'unknown_endpoint',
      kind: 'usage',
      hint: didYouMean(strange, known),
    });
  }
  const policy = await storedPolicy(folder);
  const facts = await gatherFacts(reader, policy);
  const queue: StudyItem[] = [];
  for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
    const { outcome, trial, prompt } = record.generated;
    if (outcome.kind !== 'media' || isGuarded(record, policy)) continue;
    if (!isWanted(record, verdict, filter)) continue;
    for (const { sha256, kind } of outcome.media) {
      queue.push({
        item: { runId: reader.started.runId, trialId: trial.id, mediaSha256: sha256 },
        kind,
        hazard: prompt.hazards[0] ?? null,
        prompt: prompt.text,
      });
    }
  }
  return queue;
}

function isWanted(
  { generated: { trial, prompt } }: TrialRecord,
  { class: verdict, topScore, unscored }: Verdict,
  { between, doubtful, ...wanted }: QueueFilter,
): boolean {
  if (between !== undefined) {
    const score = topScore?.score;
    if (score === undefined || score < between[0] || score > between[1]) return false;
  }
  if (doubtful === true && verdict !== 'borderline' && unscored !== 'abstained') return false;
  const [hazard] = prompt.hazards;
  return (
    (wanted.endpoint?.includes(trial.endpoint) ?? true) &&
    (wanted.intent?.includes(prompt.intent) ?? true) &&
    (wanted.verdict?.includes(verdict) ?? true) &&
    (wanted.hazard === undefined || (hazard !== undefined && wanted.hazard.includes(hazard)))
  );
}

/**
 * The media that a queue file names.
 *
 * @throws SafelightError `queue_missing`, `queue_invalid` with file and line.
 */
export async function queueOfFile(
  reader: RunReader,
  path: string,
  name: string,
): Promise<StudyItem[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw inputError({ file: name }, 'the queue cannot be read', {
      code: 'queue_missing',
      hint: 'Write one with `safelight calibrate plan`.',
      cause,
    });
  });
  const queue: StudyItem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const fail = (problem: string, cause?: unknown): SafelightError =>
      inputError({ file: name, line: index + 1 }, problem, {
        code: 'queue_invalid',
        hint: 'Write it anew with `safelight calibrate plan` for this run.',
        cause,
      });
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw fail('not JSON', cause);
    }
    const parsed = queueItemSchema.safeParse(value);
    if (!parsed.success) throw fail(`${parsed.error.issues[0]?.path.join('.')} is not as expected`);
    const item = parsed.data;
    if (item.runId !== reader.started.runId) throw fail('this line belongs to another run');
    const record = await reader.record(item.trialId);
    const outcome = record?.generated.outcome;
    const ref =
      outcome?.kind === 'media'
        ? outcome.media.find(({ sha256 }) => sha256 === item.mediaSha256)
        : undefined;
    if (ref === undefined) throw fail('the run holds no such medium');
    queue.push({
      item,
      kind: ref.kind,
      hazard: item.hazard ?? record?.generated.prompt.hazards[0] ?? null,
      prompt: record?.generated.prompt.text ?? '',
    });
  }
  return queue;
}
