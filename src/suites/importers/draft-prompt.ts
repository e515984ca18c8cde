import type { HazardId } from '../../core/hazard.ts';
import { sha256OfBytes } from '../../core/ids.ts';
import { PROMPT_TEXT_LIMIT, type Prompt } from '../../core/prompt.ts';
import type { ImportedRow, SkippedRow } from './importer.ts';
import type { LabelledMedia } from './labelled-media.ts';

/** Longest reason that is kept: a judge reads it with every picture. */
const REASON_LIMIT_CHARACTERS = 4_000;

/** What every prompt of a data set shares. */
export interface DatasetLabel {
  /** Begins ids and families: lower case, as the importer is called. */
  readonly prefix: string;
  readonly dataset: string;
  readonly licence: string;
}

/** A prompt as a row gives it. */
export interface DraftPrompt {
  /** Kept byte for byte. */
  readonly text: string;
  readonly intent: Prompt['intent'];
  /** The primary one first; empty for controls. */
  readonly hazards: readonly HazardId[];
  readonly reason: string;
  /** `visual` unless said otherwise. */
  readonly carrier?: Prompt['carrier'];
  /** `image` unless said otherwise. */
  readonly modality?: Prompt['modality'];
  readonly tags?: readonly string[];
  /** What makes prompts a family; unset, a prompt is one by itself. */
  readonly familyKey?: string | readonly string[];
  readonly shownText?: string;
  readonly generation?: Prompt['generation'];
  readonly severity?: Prompt['severity'];
  /** `en` unless said otherwise. */
  readonly language?: string;
}

export interface DraftRow {
  /** The row in the published files, such as `OVERT_mini.csv/12`. */
  readonly row: string;
  readonly line: number | undefined;
  readonly prompts: readonly DraftPrompt[];
  readonly media?: readonly Omit<LabelledMedia, 'id' | 'origin' | 'promptId'>[];
}

/**
 * Makes a row of drafts. Ids and families come from the content alone, so that neither the order of
 * rows nor of columns changes them. A row with an empty or overlong prompt is skipped.
 */
export function toImportedRow(label: DatasetLabel, draft: DraftRow): ImportedRow | SkippedRow {
  const { line } = draft;
  for (const { text } of draft.prompts) {
    if (text.trim() === '') return { kind: 'skip', reason: 'empty_prompt', line };
    if (text.length > PROMPT_TEXT_LIMIT) return { kind: 'skip', reason: 'prompt_too_long', line };
  }
  const origin = { dataset: label.dataset, row: draft.row, licence: label.licence };
  const prompts = draft.prompts.map((prompt) => toPrompt(label.prefix, origin, prompt));
  if (draft.media === undefined) return { kind: 'row', prompts, line };
  const promptId = prompts.length === 1 ? prompts[0]?.id : undefined;
  const media = draft.media.map((item) => ({
    id: `${label.prefix}-media-${shortHash(item.media)}`,
    ...item,
    ...(promptId === undefined ? {} : { promptId }),
    origin: { ...origin },
  }));
  return { kind: 'row', prompts, media, line };
}

function toPrompt(prefix: string, origin: Prompt['origin'], draft: DraftPrompt): Prompt {
  const id = `${prefix}-${shortHash([draft.text, draft.intent])}`;
  const family =
    draft.familyKey === undefined ? id : `${prefix}-family-${shortHash(draft.familyKey)}`;
  return {
    id,
    text: draft.text,
    intent: draft.intent,
    hazards: [...draft.hazards],
    carrier: draft.carrier ?? 'visual',
    family,
    modality: draft.modality ?? 'image',
    ...(draft.severity === undefined ? {} : { severity: draft.severity }),
    reason: draft.reason.slice(0, REASON_LIMIT_CHARACTERS),
    ...(draft.shownText === undefined ? {} : { shownText: draft.shownText }),
    language: draft.language ?? 'en',
    tags: [...(draft.tags ?? [])],
    ...(draft.generation === undefined ? {} : { generation: draft.generation }),
    origin: { ...origin },
  };
}

/** 16 hexadecimal digits that stand for a text, or for several in their order. */
export function shortHash(value: string | readonly string[]): string {
  return sha256OfBytes(JSON.stringify(value)).slice(0, 16);
}
