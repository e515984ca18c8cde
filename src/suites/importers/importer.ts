import type { Prompt } from '../../core/prompt.ts';
import type { ColumnMapping } from './column-mapping.ts';
import type { LabelledMedia } from './labelled-media.ts';

/** Why a row of a data set became no prompt. Stable names: they stand in reports. */
export const SKIP_REASONS = [
  'minors_guard',
  'child_safety',
  'duplicate',
  'empty_prompt',
  'prompt_too_long',
  'unknown_category',
  'wrong_columns',
  'invalid_value',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One row that was read: what it holds is kept or skipped together. */
export interface ImportedRow {
  readonly kind: 'row';
  /** Empty for a row of labelled media alone. */
  readonly prompts: readonly Prompt[];
  /** What the data set says of pictures and videos: for the audit of filters, never sent. */
  readonly media?: readonly LabelledMedia[];
  /** 1-based line of the row in the source. */
  readonly line?: number | undefined;
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
  /** Where a mapping names it; else the importer's own. */
  readonly dataset?: string;
  readonly licence?: string;
}

/**
 * Reads the published files of one data set. An importer knows columns, spellings and traps; the
 * minors guard, duplicates, counting and writing are the caller's, for all importers alike.
 */
export interface Importer {
  readonly name: string;
  readonly dataset: string;
  /** SPDX identifier of the data set, `NOASSERTION` where its authors name none. */
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
  /** The files that are read where `file` is a folder: what was imported is told by their hashes. */
  files?(file: string): Promise<readonly string[]>;
}

export interface ImporterOptions {
  /** For the generic importer, which has no columns of its own. */
  readonly mapping?: ColumnMapping;
}
