import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { inputError, SafelightError } from '../core/errors.ts';
import { type Label, labelSchema } from '../core/label.ts';

/** Far above any label; what is longer is no label file. */
const LINE_LIMIT_CHARACTERS = 64 * 1024;

/** One label, or the sign that the last line was never finished. */
export type LabelLine =
  | { readonly kind: 'label'; readonly line: number; readonly label: Label }
  | { readonly kind: 'torn'; readonly line: number };

/**
 * Streams the labels of a file: JSON Lines, or CSV where the name ends so.
 *
 * @throws SafelightError `labels_missing`, or `label_invalid` with file and line.
 */
export async function* readLabelLines(path: string, name: string): AsyncGenerator<LabelLine> {
  try {
    if (/\.csv$/i.test(path)) yield* readCsvLabels(path, name);
    else yield* readJsonLabels(path, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'EACCES') {
      throw new SafelightError(
        error.code === 'ENOENT'
          ? `there is no label file at ${name}`
          : `the label file ${name} cannot be read`,
        {
          code: 'labels_missing',
          kind: 'input',
          hint: 'Name a labels.jsonl that `safelight label` wrote, or a CSV file with its columns (docs/labels.md).',
          cause: error,
        },
      );
    }
    throw error;
  }
}

async function* readJsonLabels(path: string, name: string): AsyncGenerator<LabelLine> {
  let rest = '';
  let line = 0;
  const input = createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>;
  for await (const chunk of input) {
    rest += chunk;
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      line += 1;
      const text = rest.slice(start, end).replace(line === 1 ? /^\uFEFF/ : '', '');
      start = end + 1;
      if (text.trim() !== '') {
        yield { kind: 'label', line, label: parseJsonLabel(text, { file: name, line }) };
      }
    }
    rest = rest.slice(start);
    if (rest.length > LINE_LIMIT_CHARACTERS) {
      throw labelError({ file: name, line: line + 1 }, 'the line is too long for a label');
    }
  }
  if (rest.trim() === '') return;
  line += 1;
  // A file that was made by hand may end without a line break; a torn line is no whole label.
  const last = tryParse(rest);
  const parsed = labelSchema.safeParse(last);
  if (parsed.success) yield { kind: 'label', line, label: parsed.data };
  else if (last !== undefined) throw invalid({ file: name, line }, parsed.error);
  else yield { kind: 'torn', line };
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Position {
  readonly file: string;
  readonly line: number;
}

function parseJsonLabel(text: string, position: Position): Label {
  const value = tryParse(text);
  if (value === undefined) throw labelError(position, 'expected one JSON object a line');
  return toLabel(value, position);
}

function toLabel(value: unknown, position: Position): Label {
  const parsed = labelSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(position, parsed.error);
}

function invalid(position: Position, error: import('zod').ZodError): SafelightError {
  const issue = error.issues[0];
  return labelError(position, `${issue?.path.join('.') || 'label'}: ${issue?.message ?? ''}`);
}

function labelError(position: Position, problem: string): SafelightError {
  return inputError(position, problem, {
    code: 'label_invalid',
    hint: 'Mend the line or take it out; docs/labels.md lists the fields.',
  });
}

const COLUMNS = Object.keys(labelSchema.shape);
const NEEDED = Object.entries(labelSchema.shape).flatMap(([name, type]) =>
  type.safeParse(undefined).success ? [] : [name],
);

/** Column names are those of the JSON; `snake_case` is taken as well. Empty cells are absent. */
async function* readCsvLabels(path: string, name: string): AsyncGenerator<LabelLine> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: LINE_LIMIT_CHARACTERS,
  });
  let failure: unknown;
  const feeding = pipeline(Readable.from(createReadStream(path)), parser).catch(
    (error: unknown) => {
      failure = error;
      parser.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  );
  let header: readonly string[] | undefined;
  try {
    for await (const item of parser as AsyncIterable<{
      record: readonly string[];
      info: { lines: number };
    }>) {
      const position = { file: name, line: item.info.lines };
      if (header === undefined) {
        header = toHeader(item.record, position);
        continue;
      }
      if (item.record.length !== header.length) {
        throw labelError(
          position,
          `expected ${header.length} columns, this line has ${item.record.length}`,
        );
      }
      const label = toLabel(fieldsOf(header, item.record, position), position);
      yield { kind: 'label', line: position.line, label };
    }
    if (header === undefined) throw labelError({ file: name, line: 1 }, 'the file is empty');
  } catch (error) {
    if (error instanceof CsvError) {
      const line = typeof error.lines === 'number' ? error.lines : 1;
      throw labelError({ file: name, line }, `expected CSV (${error.code})`);
    }
    throw failure ?? error;
  } finally {
    parser.destroy();
    await feeding;
  }
}

function toHeader(names: readonly string[], position: Position): readonly string[] {
  const header = names.map((name) =>
    name.trim().replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()),
  );
  const missing = NEEDED.find((column) => !header.includes(column));
  if (missing !== undefined) throw labelError(position, `the column "${missing}" is missing`);
  const twice = header.find((column, at) => header.indexOf(column) !== at);
  if (twice !== undefined) throw labelError(position, `the column "${twice}" is there twice`);
  return header;
}

function fieldsOf(
  header: readonly string[],
  record: readonly string[],
  position: Position,
): Record<string, unknown> {
  return Object.fromEntries(
    header.flatMap((column, at): [string, unknown][] => {
      const text = (record[at] ?? '').trim();
      if (text === '' || !COLUMNS.includes(column)) return [];
      if (column === 'blind' || column === 'faithful') {
        return [[column, toBoolean(text, column, position)]];
      }
      return [[column, column === 'samplingWeight' ? Number(text) : text]];
    }),
  );
}

function toBoolean(text: string, column: string, position: Position): boolean {
  if (/^(?:true|yes|1)$/i.test(text)) return true;
  if (/^(?:false|no|0)$/i.test(text)) return false;
  throw labelError(position, `${column}: expected true or false`);
}
