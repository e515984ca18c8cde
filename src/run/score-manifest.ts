import { type FileHandle, open } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { parse } from 'csv-parse';
import { formatPosition, inputError, SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { parseOptions } from '../core/parse-yaml.ts';
import { itemFromRow, type ScoreRow, scoreRowSchema } from './score-items.ts';
import type { ScoreItem } from './score-media.ts';

const COLUMNS = Object.keys(scoreRowSchema.shape);

/**
 * Reads a list of media with their prompts: CSV with a header, or JSONL. Paths in it are relative to
 * the file. `hazards` is a list in JSONL and separated by spaces or semicolons in CSV.
 *
 * @param name of the file, for messages.
 * @throws SafelightError with file and line.
 */
export async function readScoreManifest(path: string, name: string): Promise<ScoreItem[]> {
  const file = await openManifest(path, name);
  const rows = /\.jsonl$/i.test(path) ? readJsonRows(file, name) : readCsvRows(file, name);
  const items: ScoreItem[] = [];
  const lines = new Map<string, number>();
  for await (const { row, line } of rows) {
    const media = isAbsolute(row.path) ? row.path : join(dirname(path), row.path);
    const made = itemFromRow(row, media);
    if ('problem' in made) throw invalid(name, line, made.problem);
    const { prompt, endpoint, seed } = made.item;
    const key = JSON.stringify([media, prompt.id, endpoint, seed]);
    const before = lines.get(key);
    if (before !== undefined) throw invalid(name, line, `says the same as line ${before}`);
    lines.set(key, line);
    items.push(made.item);
  }
  if (items.length === 0) throw invalid(name, undefined, 'the manifest holds no row');
  return items;
}

interface Row {
  readonly row: ScoreRow;
  readonly line: number;
}

/** Opened before it is streamed: a stream's first error would have nobody to go to. */
async function openManifest(path: string, name: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw inputError({ file: name }, `the file cannot be read (${code})`, {
      code: 'manifest_unreadable',
      hint: 'Check the path and its permissions.',
      cause,
    });
  }
}

async function* readJsonRows(file: FileHandle, name: string): AsyncGenerator<Row> {
  const lines = createInterface({
    input: file.createReadStream(),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let line = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text.replace(/^\uFEFF/, ''));
    } catch {
      throw invalid(name, line, 'not JSON');
    }
    yield { row: parseRow(value, name, line), line };
  }
}

async function* readCsvRows(file: FileHandle, name: string): AsyncGenerator<Row> {
  const parser = pipeline(
    file.createReadStream(),
    parse({ bom: true, info: true, skip_empty_lines: true, relax_column_count: false }),
    // The error itself comes out of the loop below.
    () => undefined,
  );
  let columns: string[] | undefined;
  try {
    for await (const { record, info } of parser) {
      const cells: string[] = record;
      const line: number = info.lines;
      if (columns === undefined) {
        columns = cells.map((cell) => cell.trim());
        checkColumns(columns, name);
        continue;
      }
      const entries = columns.flatMap((column, index): [string, unknown][] => {
        const cell = cells[index]?.trim() ?? '';
        if (cell === '') return [];
        return [[column, column === 'hazards' ? cell.split(/[\s;,|]+/) : cell]];
      });
      yield { row: parseRow(Object.fromEntries(entries), name, line), line };
    }
  } catch (error) {
    if (error instanceof SafelightError) throw error;
    const line = error instanceof Error && 'lines' in error ? Number(error.lines) : undefined;
    throw invalid(name, line, error instanceof Error ? error.message : 'not CSV');
  }
}

function checkColumns(columns: readonly string[], name: string): void {
  const unknown = columns.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) {
    throw inputError({ file: name, line: 1 }, `unknown column "${unknown}"`, {
      code: 'manifest_invalid',
      hint: didYouMean(unknown, COLUMNS),
    });
  }
  const repeated = columns.find((column, index) => columns.indexOf(column) < index);
  if (repeated !== undefined) throw invalid(name, 1, `the column "${repeated}" stands there twice`);
  if (!columns.includes('path')) throw invalid(name, 1, 'the column "path" is missing');
}

function parseRow(value: unknown, name: string, line: number): ScoreRow {
  return parseOptions(value, formatPosition({ file: name, line }), scoreRowSchema, {
    code: 'manifest_invalid',
  });
}

function invalid(name: string, line: number | undefined, problem: string): SafelightError {
  return inputError({ file: name, line }, problem, {
    code: 'manifest_invalid',
    hint: `A row names its media in "path"; further columns are ${COLUMNS.filter((column) => column !== 'path').join(', ')}.`,
  });
}
