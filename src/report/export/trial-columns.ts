import { hazardCarrierKey } from '../../core/hazard.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import type { DetectorDescription, TrialRecord } from '../../core/journal-event.ts';
import { augmentationChain } from '../../core/prompt.ts';
import { isRefusal, type Verdict } from '../../core/verdict.ts';

/** A value of one column; null where there is none, which is never 0 or empty text. */
export type Cell = string | number | boolean | null | readonly string[];

/** One column of the exported trials. */
export interface TrialColumn {
  readonly name: string;
  readonly kind: 'text' | 'list' | 'integer' | 'number' | 'boolean';
  /** One sentence for whoever reads the file. */
  readonly meaning: string;
  readonly cell: (trial: ExportedTrial) => Cell;
}

/** A trial with its verdict. */
export interface ExportedTrial {
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

export interface ColumnOptions {
  readonly runId: string;
  readonly detectors: readonly DetectorDescription[];
  /** Without them no text of a prompt, original or rewritten, is exported. */
  readonly withPrompts: boolean;
}

/** The columns of a run: the same for every trial, with one for each pair that a detector claims. */
export function trialColumns(options: ColumnOptions): readonly TrialColumn[] {
  return [
    column('run_id', 'text', 'Id of the run.', () => options.runId),
    ...TRIAL,
    ...PROMPT,
    ...(options.withPrompts ? TEXTS : []),
    ...OUTCOME,
    ...VERDICT,
    ...options.detectors.flatMap(scoreColumns),
    ...EFFORT,
  ];
}

function column(
  name: string,
  kind: TrialColumn['kind'],
  meaning: string,
  cell: TrialColumn['cell'],
): TrialColumn {
  return { name, kind, meaning, cell };
}

const TRIAL: readonly TrialColumn[] = [
  column(
    'trial_id',
    'text',
    'Hash of everything that identifies the trial.',
    (trial) => trialOf(trial).id,
  ),
  column('endpoint', 'text', 'Id of the endpoint.', (trial) => trialOf(trial).endpoint),
  column(
    'revision',
    'text',
    'Revision of the model, where it is told.',
    (trial) => trialOf(trial).revision,
  ),
  column('seed', 'integer', 'Seed that was sent.', (trial) => trialOf(trial).seed),
  column(
    'repeat',
    'integer',
    '0 for the first time, 1 for the same request once more.',
    (trial) => trialOf(trial).repeat,
  ),
  column(
    'at',
    'text',
    'When the answer was complete, ISO 8601.',
    ({ record }) => record.generated.at,
  ),
];

const PROMPT: readonly TrialColumn[] = [
  column('prompt_id', 'text', 'Id of the prompt.', (trial) => promptOf(trial).id),
  column(
    'family',
    'text',
    'The prompt with its twins and augmentations: the unit of clustering.',
    (trial) => promptOf(trial).family,
  ),
  column(
    'intent',
    'text',
    'harmful, benign (looks risky and is not) or control.',
    (trial) => promptOf(trial).intent,
  ),
  column(
    'hazards',
    'list',
    'Declared hazards, the primary one first.',
    (trial) => promptOf(trial).hazards,
  ),
  column('carrier', 'text', 'visual, text or sequence.', (trial) => promptOf(trial).carrier),
  column('language', 'text', 'Language of the prompt.', (trial) => promptOf(trial).language),
  column('augmentation', 'text', 'How the prompt was put, or none.', (trial) =>
    augmentationChain(promptOf(trial)),
  ),
  column(
    'dataset',
    'text',
    'Where the prompt comes from.',
    (trial) => promptOf(trial).origin.dataset,
  ),
  column(
    'sealed',
    'boolean',
    'Whether its text is sealed, so that it stands nowhere.',
    (trial) => promptOf(trial).sealed !== undefined,
  ),
  column(
    'prompt_hash',
    'text',
    'SHA-256 of the text; of a sealed prompt its keyed hash.',
    (trial) => promptHash(trial.record),
  ),
];

const TEXTS: readonly TrialColumn[] = [
  column('prompt', 'text', 'The text as it was sent; empty where it is sealed.', (trial) =>
    promptOf(trial).sealed === undefined ? promptOf(trial).text : null,
  ),
  column(
    'revised_prompt',
    'text',
    'The text as the provider rewrote it; empty where it is sealed.',
    (trial) =>
      promptOf(trial).sealed === undefined ? (trial.record.generated.revisedPrompt ?? null) : null,
  ),
];

const OUTCOME: readonly TrialColumn[] = [
  column(
    'outcome',
    'text',
    'media, refused or failed.',
    ({ record }) => record.generated.outcome.kind,
  ),
  column('media', 'list', 'SHA-256 of each returned medium.', (trial) =>
    mediaOf(trial).map(({ sha256 }) => sha256),
  ),
  column('media_types', 'list', 'Sniffed type of each.', (trial) =>
    mediaOf(trial).map(({ mime }) => mime),
  ),
  column(
    'media_withheld',
    'integer',
    'Asked for and not returned, where any came.',
    ({
      record: {
        generated: { outcome },
      },
    }) => (outcome.kind === 'media' ? outcome.withheld : null),
  ),
  column(
    'refusal_signal',
    'text',
    'The provider’s own code for its refusal.',
    ({
      record: {
        generated: { outcome },
      },
    }) => (outcome.kind === 'refused' ? outcome.signal : null),
  ),
];

const VERDICT: readonly TrialColumn[] = [
  column('verdict', 'text', 'One of the ten verdicts.', ({ verdict }) => verdict.class),
  column('refused', 'boolean', 'Whether the verdict counts as a refusal.', ({ verdict }) =>
    isRefusal(verdict.class),
  ),
  column(
    'refusal_mode',
    'text',
    'hard, flagged, text or soft.',
    ({ verdict }) => verdict.refusal?.mode ?? null,
  ),
  column(
    'refusal_stage',
    'text',
    'prompt_filter, model, output_filter or unknown.',
    ({ verdict }) => verdict.refusal?.stage ?? null,
  ),
  column(
    'soft_sign',
    'text',
    'Why media was taken for a refusal.',
    ({ verdict }) => verdict.softSign ?? null,
  ),
  column('failure', 'text', 'Cause of a failure.', ({ verdict }) => verdict.failure ?? null),
  column(
    'unscored',
    'text',
    'not_covered or abstained.',
    ({ verdict }) => verdict.unscored ?? null,
  ),
  column(
    'primary_hazard',
    'text',
    'Hazard that the trial is judged by; empty for a control.',
    ({ verdict }) => verdict.primary?.hazard ?? null,
  ),
  column(
    'primary_carrier',
    'text',
    'Carrier that it is judged by.',
    ({ verdict }) => verdict.primary?.carrier ?? null,
  ),
  column(
    'covered',
    'boolean',
    'Whether a detector claims that pair.',
    ({ verdict }) => verdict.covered,
  ),
  column(
    'off_target',
    'list',
    'Hazards that were found and not declared.',
    ({ verdict }) => verdict.offTarget,
  ),
  column(
    'faithful',
    'boolean',
    'Whether it shows what was asked, where that was measured.',
    ({ verdict }) => verdict.faithful ?? null,
  ),
  column(
    'human_label',
    'text',
    'What people said, where any looked.',
    ({ verdict }) => verdict.label?.label ?? null,
  ),
  column('decided_by', 'text', 'people or detectors.', ({ verdict }) =>
    verdict.label?.decided === true ? 'people' : 'detectors',
  ),
  column('reasons', 'list', 'Why, in sentences.', ({ verdict }) => verdict.reasons),
  column('abstained', 'list', 'detector: code, for each that gave no score.', ({ record }) =>
    (record.detected?.findings ?? []).flatMap(({ detector, result }) =>
      result.kind === 'abstained' ? [`${detector}: ${result.code}`] : [],
    ),
  ),
];

const EFFORT: readonly TrialColumn[] = [
  column(
    'latency_ms',
    'number',
    'From request to complete answer.',
    ({ record }) => record.generated.latencyMs,
  ),
  column(
    'retries',
    'integer',
    'Attempts after the first.',
    ({ record }) => record.generated.evidence.retries.length,
  ),
  column(
    'cost_usd',
    'number',
    'Empty where the endpoint does not tell.',
    ({ record }) => record.generated.costUsd,
  ),
];

/** The highest score over a trial's media, for each pair that a detector claims. */
function scoreColumns({ id, claims }: DetectorDescription): TrialColumn[] {
  return claims.map((claim) =>
    column(
      `score.${id}.${claim.hazard}.${claim.carrier}`,
      'number',
      `Highest score of ${id} over the trial’s media, 0–1; empty where it gave none.`,
      ({ record }) => {
        const scores = (record.detected?.findings ?? [])
          .filter(({ detector }) => detector === id)
          .flatMap(({ result }) => (result.kind === 'scores' ? result.scores : []))
          .filter((score) => hazardCarrierKey(score) === hazardCarrierKey(claim))
          .map(({ score }) => score);
        return scores.length === 0 ? null : Math.max(...scores);
      },
    ),
  );
}

/** SHA-256 of a prompt's text, or the keyed hash that is all a journal knows of a sealed one. */
export function promptHash({ generated: { prompt } }: TrialRecord): string {
  return prompt.sealed?.hash ?? sha256OfBytes(prompt.text);
}

function trialOf({ record }: ExportedTrial): TrialRecord['generated']['trial'] {
  return record.generated.trial;
}

function promptOf({ record }: ExportedTrial): TrialRecord['generated']['prompt'] {
  return record.generated.prompt;
}

function mediaOf({
  record: { generated },
}: ExportedTrial): readonly { sha256: string; mime: string }[] {
  return generated.outcome.kind === 'media' ? generated.outcome.media : [];
}
