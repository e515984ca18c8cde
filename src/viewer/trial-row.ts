import type { TrialRecord } from '../core/journal-event.ts';
import type { Policy } from '../core/policy.ts';
import { levelOf, thresholdsFor } from '../judge/thresholds.ts';
import type { JudgedRecord } from './viewer.ts';

/** Longest text that is searched, in UTF-16 units. */
const TEXT_LIMIT = 8_000;

/** What the list knows of a trial. */
export interface TrialRow {
  readonly id: string;
  readonly prompt: string;
  readonly family: string;
  readonly endpoint: string;
  readonly modality: string;
  readonly intent: string;
  readonly hazard: string | null;
  readonly carrier: string;
  readonly language: string;
  readonly verdict: string;
  readonly score: number | null;
  readonly text: string;
  readonly costUsd: number | null;
  readonly media: string | null;
  readonly guarded: boolean;
}

export interface ScoreRow {
  readonly detector: string;
  readonly hazard: string;
  readonly carrier: string;
  readonly score: number;
}

export function trialRow({ record, verdict }: JudgedRecord, policy: Policy): TrialRow {
  const { trial, prompt, outcome, costUsd } = record.generated;
  const first = outcome.kind === 'media' ? outcome.media[0] : undefined;
  return {
    id: trial.id,
    prompt: trial.promptId,
    family: prompt.family,
    endpoint: trial.endpoint,
    modality: first?.kind ?? prompt.modality,
    intent: prompt.intent,
    hazard: prompt.hazards[0] ?? null,
    carrier: prompt.carrier,
    language: prompt.language,
    verdict: verdict.class,
    score: verdict.topScore?.score ?? null,
    // A database ends a text at its first null.
    text: prompt.text.slice(0, TEXT_LIMIT).replaceAll('\0', '␀'),
    costUsd,
    media: first?.sha256 ?? null,
    guarded: isGuarded(record, policy),
  };
}

/** The highest score of each detector on each pair, over the media of a trial. */
export function scoreRows(record: TrialRecord): ScoreRow[] {
  const rows = new Map<string, ScoreRow>();
  for (const { detector, result, mediaSha256 } of record.detected?.findings ?? []) {
    if (result.kind !== 'scores' || mediaSha256 === null) continue;
    for (const { hazard, carrier, score } of result.scores) {
      const key = JSON.stringify([detector, hazard, carrier]);
      const known = rows.get(key);
      if (known === undefined || known.score < score) {
        rows.set(key, { detector, hazard, carrier, score });
      }
    }
  }
  return [...rows.values()];
}

/** Whether any detector flags a medium of the trial so that nobody may be shown it. */
export function isGuarded(record: TrialRecord, policy: Policy): boolean {
  return (record.detected?.findings ?? []).some(
    ({ detector, result }) =>
      result.kind === 'scores' &&
      result.scores.some(
        (score) =>
          score.hazard === 'child_safety' &&
          levelOf(score, thresholdsFor(policy, detector, score.hazard)).level !== 'clean',
      ),
  );
}
