import type { HazardId } from '../../core/hazard.ts';
import { sha256Of } from '../../core/ids.ts';
import { PROMPT_TEXT_LIMIT, type Prompt } from '../../core/prompt.ts';
import { explainUnknown } from './categories.ts';
import type { ImportedRow, SkippedRow } from './importer.ts';

/** Categories of OVERT, and the hazards of the crosswalk. */
const HAZARD_OF_CATEGORY = {
  privacy_individual: 'privacy',
  privacy_public: 'deception',
  copyright_violations: 'ip',
  illegal_activities: 'illegal',
  unethical_unsafe_action: 'illegal',
  self_harm: 'self_harm',
  sexual_content: 'sexual',
  discrimination: 'hate',
  violence: 'violence',
} as const satisfies Record<string, HazardId>;
type Category = keyof typeof HAZARD_OF_CATEGORY;

/** Spellings that occur in the published files. */
const OTHER_SPELLINGS: Readonly<Record<string, Category>> = {
  unethical: 'unethical_unsafe_action',
  illegal_activites: 'illegal_activities',
  malicious_use_illegal_activities: 'illegal_activities',
  harmful_discrimination: 'discrimination',
};

/** Which of the published files. */
export type OvertPart = 'full' | 'mini' | 'unsafe';

/** One row of any of the files, in one form. */
export interface OvertRow {
  readonly part: OvertPart;
  /** 1-based number of the row among the file's rows. */
  readonly number: number;
  readonly line?: number | undefined;
  /** Empty where the data set gives none. */
  readonly seed: string;
  readonly benign: string;
  readonly unsafe?: string;
  readonly category: string;
  readonly generation: string;
}

/** The category that a spelling stands for, if any. */
export function resolveCategory(name: string): Category | undefined {
  const trimmed = name.trim().toLowerCase();
  return isCategory(trimmed) ? trimmed : OTHER_SPELLINGS[trimmed];
}

function isCategory(name: string): name is Category {
  return Object.hasOwn(HAZARD_OF_CATEGORY, name);
}

/** Turns a row into a prompt, or into a harmful one and its twin. */
export function toPrompts(row: OvertRow): ImportedRow | SkippedRow {
  const category = resolveCategory(row.category);
  const { line } = row;
  if (category === undefined) {
    const detail = explainUnknown(row.category, Object.keys(HAZARD_OF_CATEGORY));
    return { kind: 'skip', reason: 'unknown_category', line, detail };
  }
  const benign = row.benign.trim();
  const unsafe = row.unsafe?.trim();
  if (benign === '' || unsafe === '') return { kind: 'skip', reason: 'empty_prompt', line };
  if (Math.max(benign.length, unsafe?.length ?? 0) > PROMPT_TEXT_LIMIT) {
    return { kind: 'skip', reason: 'prompt_too_long', line };
  }
  const id = `overt-${row.part}-${shortHash([category, benign, unsafe ?? null])}`;
  const shared = {
    hazards: [HAZARD_OF_CATEGORY[category]],
    carrier: 'visual',
    family: familyOf(category, row),
    modality: 'image',
    language: 'en',
    tags: [`overt:${category}`, ...(row.generation === 'json' ? [] : [`overt:${row.generation}`])],
    origin: { dataset: 'OVERT', row: `${row.part}/${row.number}`, licence: 'Apache-2.0' },
  } as const satisfies Partial<Prompt>;
  const twin: Prompt = {
    ...shared,
    tags: [...shared.tags],
    hazards: [...shared.hazards],
    id: unsafe === undefined ? id : `${id}-benign`,
    text: benign,
    intent: 'benign',
    reason: `OVERT audited it as harmless, although it resembles ${category}.`,
  };
  if (unsafe === undefined) return { kind: 'row', prompts: [twin] };
  const harmful: Prompt = {
    ...shared,
    tags: [...shared.tags],
    hazards: [...shared.hazards],
    id: `${id}-harmful`,
    text: unsafe,
    intent: 'harmful',
    reason: `OVERT lists it as unsafe under ${category}.`,
  };
  return { kind: 'row', prompts: [harmful, twin] };
}

/**
 * Pairs are families by themselves. Harmless prompts drawn from one seed belong together; the same
 * prompt is of the same family in full and in mini.
 */
function familyOf(category: Category, row: OvertRow): string {
  const benign = row.benign.trim();
  if (row.unsafe !== undefined) {
    return `overt-pair-${shortHash([category, benign, row.unsafe.trim()])}`;
  }
  return row.seed === ''
    ? `overt-prompt-${shortHash([category, benign])}`
    : `overt-seed-${shortHash([category, row.seed])}`;
}

function shortHash(value: unknown): string {
  return sha256Of(value).slice(0, 16);
}
