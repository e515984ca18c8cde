import { resolve } from 'node:path';
import { formatPosition, inputError, SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { readColumns, readTable } from '../suites/importers/read-table.ts';

/** One cell of a table, with where it stands. */
export interface Cell {
  /** `file.csv:12 (column "share")`, for messages. */
  readonly at: string;
  readonly text: string;
}

/** The cells of one row, by what they mean to a metric. */
export type CellsByRole = (role: string) => Cell;

/**
 * Which column means what: `name` for the roles in their order, or `role=name`. A role that is not
 * named reads the column of its own name.
 *
 * @throws SafelightError `metric_column` for more columns than roles.
 */
export function assignColumns(
  given: readonly string[],
  roles: readonly string[],
): ReadonlyMap<string, string> {
  const assigned = new Map<string, string>();
  for (const text of given) {
    const [, role = '', name = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    const free = roles.find((other) => !assigned.has(other));
    if (roles.includes(role)) assigned.set(role, name);
    else if (free !== undefined) assigned.set(free, text);
    else {
      throw new SafelightError(`--column ${text}: this metric reads ${roles.join(', ')} alone`, {
        code: 'metric_column',
        kind: 'usage',
        hint: `Give one column for each, such as --column ${roles.map((name) => `${name}=…`).join(' ')}.`,
      });
    }
  }
  for (const role of roles) if (!assigned.has(role)) assigned.set(role, role);
  return assigned;
}

/**
 * Streams the named columns of a CSV, TSV, JSON, JSONL or Parquet file.
 *
 * @param file as the user knows it, relative to `cwd`.
 * @throws SafelightError `metric_column` with the nearest name, or `metric_row` with file and line.
 */
export async function* readCells(
  file: string,
  cwd: string,
  columns: ReadonlyMap<string, string>,
): AsyncGenerator<CellsByRole> {
  const path = resolve(cwd, file);
  const known = await readColumns(path);
  for (const name of columns.values()) {
    if (known.includes(name)) continue;
    throw inputError({ file, line: 1 }, `there is no column ${JSON.stringify(name)}`, {
      code: 'metric_column',
      hint: didYouMean(name, known),
    });
  }
  for await (const { line, number, fields } of readTable(path)) {
    if (fields === undefined) {
      throw inputError({ file, line }, `row ${number} has other columns than the first line`, {
        code: 'metric_row',
        hint: 'Put fields that hold commas in quotation marks.',
      });
    }
    yield (role) => {
      const column = columns.get(role) ?? role;
      const where =
        line === undefined ? `${file} (row ${number}` : `${formatPosition({ file, line })} (`;
      return {
        at: `${where}${line === undefined ? ', ' : ''}column ${JSON.stringify(column)})`,
        text: textOf(fields[column]),
      };
    };
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** @throws SafelightError `metric_value` for what is empty, no number, or out of range. */
export function numberIn(
  cell: Cell,
  {
    min,
    max,
    whole = false,
  }: { readonly min: number; readonly max: number; readonly whole?: boolean },
): number {
  const value = cell.text === '' ? Number.NaN : Number(cell.text);
  if (
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    (!whole || Number.isInteger(value))
  ) {
    return value;
  }
  const range = max === Number.POSITIVE_INFINITY ? `from ${min}` : `from ${min} to ${max}`;
  throw unusable(cell, `expected a ${whole ? 'whole ' : ''}number ${range}`);
}

const YES = new Set(['1', 'true', 'yes', 'y', 'unsafe']);
const NO = new Set(['0', 'false', 'no', 'n', 'safe']);

/** @throws SafelightError `metric_value` for what is neither yes nor no. */
export function yesOrNo(cell: Cell): boolean {
  const text = cell.text.toLowerCase();
  if (YES.has(text)) return true;
  if (NO.has(text)) return false;
  throw unusable(cell, 'expected true or false, 1 or 0');
}

/** @throws SafelightError `metric_value` for a cell that a metric cannot read. */
export function unusable(cell: Cell, expected: string): SafelightError {
  const found = cell.text === '' ? 'it is empty' : 'it holds something else';
  return new SafelightError(`${cell.at}: ${expected}, ${found}`, {
    code: 'metric_value',
    kind: 'input',
    hint: 'A row without a value is not left out: that would choose rows by what is missing. Fill or remove it.',
  });
}
