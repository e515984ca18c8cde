import { basename } from 'node:path';
import { nearestName } from '../../core/nearest.ts';
import type { DatasetLabel, DraftRow } from './draft-prompt.ts';
import { toImportedRow } from './draft-prompt.ts';
import type { Fields } from './fields.ts';
import type { Importer, ImportSource, SkippedRow, SkipReason } from './importer.ts';
import { readColumns, readTable, tableFormatOf } from './read-table.ts';
import { formatError } from './read-text.ts';

/** The file that a row stands in, as a mapper sees it. */
export interface TableFile {
  /** Its name without folders: files of a data set tell by their names what they hold. */
  readonly name: string;
  /** The name without its ending, in lower case. */
  readonly stem: string;
  readonly columns: readonly string[];
  /** For messages about the file as a whole. */
  readonly path: string;
}

/** A row that a mapper passes over. */
export interface Passed {
  readonly skip: SkipReason;
  readonly detail?: string;
}

export interface MappedRow extends Omit<DraftRow, 'row' | 'line'> {
  /** Replaces the row's number where the data set has a name for it. */
  readonly row?: string;
}

/** What is particular to a data set that is published as tables. */
export interface TableImporterSpec extends DatasetLabel {
  /** Columns that must be there; of several names, one of them. Others may be there too. */
  readonly columns: readonly (string | readonly string[])[];
  describe(
    file: TableFile,
  ): Omit<ImportSource, 'suite' | 'paired' | 'publishedRows'> &
    Partial<Pick<ImportSource, 'suite' | 'paired' | 'publishedRows'>>;
  /** Turns a row into prompts. Pure: what it makes depends on the row and the file's name alone. */
  toDraft(
    fields: Fields,
    row: { readonly number: number; readonly key: string | undefined },
    file: TableFile,
  ): MappedRow | Passed;
}

/**
 * Makes the importer of a data set that is published as a table: CSV, TSV, JSON, JSON lines or
 * Parquet alike, since data sets are repackaged.
 */
export function createTableImporter(spec: TableImporterSpec): Importer {
  return {
    name: spec.prefix,
    dataset: spec.dataset,
    licence: spec.licence,

    async detect(path) {
      const file = await openTable(path, spec.columns);
      return {
        suite: idOf(`${spec.prefix}-${file.stem}`),
        paired: false,
        publishedRows: undefined,
        ...spec.describe(file),
      };
    },

    async *read(path) {
      const file = await openTable(path, spec.columns);
      for await (const { number, line, key, fields } of readTable(path)) {
        const missing = fields === undefined || !hasColumns(fields, spec.columns);
        if (missing) {
          yield { kind: 'skip', reason: 'wrong_columns', line };
          continue;
        }
        const mapped = spec.toDraft(fields, { number, key }, file);
        if ('skip' in mapped) yield toSkipped(mapped, line);
        else
          yield toImportedRow(spec, {
            ...mapped,
            row: mapped.row ?? `${file.name}/${key ?? number}`,
            line,
          });
      }
    },
  };
}

/** A row that is passed over, with the line on which it stands. */
export function toSkipped({ skip, detail }: Passed, line: number | undefined): SkippedRow {
  return { kind: 'skip', reason: skip, line, ...(detail === undefined ? {} : { detail }) };
}

async function openTable(path: string, required: TableImporterSpec['columns']): Promise<TableFile> {
  const name = basename(path);
  const columns = await readColumns(path);
  const missing = required.filter(
    (column) => !namesOf(column).some((one) => columns.includes(one)),
  );
  if (missing.length > 0) {
    const told = missing.map((column) => {
      const near = namesOf(column)
        .map((one) => nearestName(one, columns))
        .find((one) => one !== undefined);
      return `${namesOf(column).join(' or ')}${near === undefined ? '' : ` (found ${JSON.stringify(near)})`}`;
    });
    const all = required.map((column) => namesOf(column).join(' or ')).join(', ');
    throw formatError(path, `expected the columns ${all}, missing: ${told.join(', ')}`, {
      line: tableFormatOf(path) === 'parquet' ? undefined : 1,
      hint: 'Give the file as it was published, or use the importer `generic` with --map.',
    });
  }
  return { name, stem: stemOf(name), columns, path };
}

function hasColumns(fields: Fields, required: TableImporterSpec['columns']): boolean {
  return required.every((column) => namesOf(column).some((one) => Object.hasOwn(fields, one)));
}

function namesOf(column: string | readonly string[]): readonly string[] {
  return typeof column === 'string' ? [column] : column;
}

/** A file's name without its ending, in lower case. */
export function stemOf(name: string): string {
  return basename(name)
    .replace(/(\.[A-Za-z]+)(\.gz)?$/, '')
    .toLowerCase();
}

/** A text as an id: whatever an id may not hold becomes `-`. */
export function idOf(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._:-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 120);
}
