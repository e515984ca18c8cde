import type { Prompt } from '../../core/prompt.ts';

/** Why a row of a data set became no prompt. Stable names: they stand in reports. */
export const SKIP_REASONS = [
  'minors_guard',
  'child_safety',
  'duplicate',
  'empty_prompt',
  'prompt_too_long',
  'unknown_category',
  'wrong_columns',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One row that was read: its prompts are of one row and are kept or skipped together. */
export interface ImportedRow {
  readonly kind: 'row';
  readonly prompts: readonly Prompt[];
}

/** One row that was passed over. */
export interface SkippedRow {
  readonly kind: 'skip';
  readonly reason: SkipReason;
  /** 1-based line of the row in the source. */
  readonly line?: number | undefined;
  /** A name that was not known, say. Never text of a prompt. */
  readonly detail?: string | undefined;
}

/** The published file that is read, and what it would be called as a suite. */
export interface ImportSource {
  /** Id of the suite: the data set and, where it has several files, which one. */
  readonly suite: string;
  readonly title: string;
  readonly description: string;
  readonly paired: boolean;
  /** Rows of the published file, where its authors state them. */
  readonly publishedRows: number | undefined;
}

/**
 * Reads the published files of one data set. An importer knows columns, spellings and traps; the
 * minors guard, duplicates, counting and writing are the caller's, for all importers alike.
 */
export interface Importer {
  readonly name: string;
  readonly dataset: string;
  /** SPDX identifier of the data set. */
  readonly licence: string;
  /**
   * Tells which of the data set's files this is, by what it holds.
   *
   * @throws SafelightError `import_format` where it is none of them, with what was expected.
   */
  detect(file: string): Promise<ImportSource>;
  /**
   * Streams the rows in order. Ids and families depend on a row's content alone.
   *
   * @throws SafelightError `import_format` where the file is broken as a whole.
   */
  read(file: string): AsyncIterable<ImportedRow | SkippedRow>;
}
