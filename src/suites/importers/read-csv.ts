import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { formatError, RECORD_LIMIT_CHARACTERS, readText } from './read-text.ts';

/** One record: its fields by column, or none where their number is wrong. */
export interface CsvRecord {
  /** 1-based line on which the record ends. */
  readonly line: number;
  readonly fields: Readonly<Record<string, string>> | undefined;
}

/** What the parser emits with `info`. Checked by hand: a schema costs as much as the parsing. */
interface ParsedItem {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function isParsedItem(item: unknown): item is ParsedItem {
  return (
    typeof item === 'object' &&
    item !== null &&
    'record' in item &&
    Array.isArray(item.record) &&
    'info' in item &&
    typeof item.info === 'object' &&
    item.info !== null &&
    'lines' in item.info &&
    typeof item.info.lines === 'number'
  );
}

/**
 * The column names of a CSV file, in order.
 *
 * @throws SafelightError `import_format` where there are none, or two of one name.
 */
export async function readCsvHeader(file: string, delimiter = ','): Promise<readonly string[]> {
  for await (const { line, fields } of parseRecords(file, delimiter)) {
    return toHeader(file, line, fields);
  }
  throw formatError(file, 'expected a header line, the file is empty');
}

/**
 * Streams the records of a CSV file with a header.
 *
 * @throws SafelightError `import_format` with the line, for quotation marks that never close.
 */
export async function* readCsv(file: string, delimiter = ','): AsyncIterable<CsvRecord> {
  let header: readonly string[] | undefined;
  for await (const { line, fields } of parseRecords(file, delimiter)) {
    if (header === undefined) {
      header = toHeader(file, line, fields);
    } else if (fields.length !== header.length) {
      yield { line, fields: undefined };
    } else {
      const record: Record<string, string> = {};
      for (const [index, name] of header.entries()) record[name] = fields[index] ?? '';
      yield { line, fields: record };
    }
  }
}

function toHeader(file: string, line: number, fields: readonly string[]): readonly string[] {
  const names = fields.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw formatError(
    file,
    `expected columns of different names, ${JSON.stringify(twice)} is there twice`,
    { line },
  );
}

async function* parseRecords(
  file: string,
  delimiter: string,
): AsyncIterable<{ readonly line: number; readonly fields: readonly string[] }> {
  const parser = parse({
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_LIMIT_CHARACTERS,
    bom: true,
    info: true,
  });
  // Errors of either side end the parser, and with it the loop below.
  const feeding = pipeline(Readable.from(readText(file)), parser).catch((error: unknown) => {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const item of parser as AsyncIterable<unknown>) {
      if (!isParsedItem(item)) throw new TypeError('csv-parse emitted no record');
      yield { line: item.info.lines, fields: item.record };
    }
  } catch (cause) {
    if (cause instanceof CsvError) throw csvFormatError(file, cause);
    throw cause;
  } finally {
    parser.destroy();
    await feeding;
  }
}

/** The parser's own messages quote the field. */
function csvFormatError(file: string, cause: CsvError): Error {
  const line = typeof cause.lines === 'number' ? cause.lines : undefined;
  if (cause.code === 'CSV_QUOTE_NOT_CLOSED') {
    return formatError(file, 'a quotation mark is never closed', { line });
  }
  if (cause.code === 'CSV_MAX_RECORD_SIZE') {
    return formatError(file, `expected records of at most ${RECORD_LIMIT_CHARACTERS} characters`, {
      line,
    });
  }
  return formatError(file, `expected CSV (${cause.code})`, { line });
}
