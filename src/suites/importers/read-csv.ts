import { CsvError, parse } from 'csv-parse';
import { formatError, RECORD_LIMIT_CHARACTERS, readText } from './read-text.ts';

/** One record: its fields by column, or none where their number is wrong. */
export interface CsvRecord {
  /** 1-based line on which the record ends. */
  readonly line: number;
  readonly fields: Readonly<Record<string, string>> | undefined;
}

/** A record as the parser gives it, with the line on which it ends. */
interface ParsedRecord {
  readonly line: number;
  readonly fields: readonly string[];
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
      for (let index = 0; index < header.length; index += 1) {
        record[header[index] ?? ''] = fields[index] ?? '';
      }
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

/**
 * Records are taken from the parser's callback, a chunk of text at a time: as a stream of objects
 * they would cost twice as much.
 */
async function* parseRecords(file: string, delimiter: string): AsyncIterable<ParsedRecord> {
  let records: ParsedRecord[] = [];
  const parser = parse({
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_LIMIT_CHARACTERS,
    bom: true,
    on_record: (fields: readonly string[], { lines }) => {
      records.push({ line: lines, fields });
      return null;
    },
  });
  let failure: Error | undefined;
  parser.on('error', (error) => {
    failure = error;
  });
  const take = (): ParsedRecord[] => {
    const taken = records;
    records = [];
    return taken;
  };
  try {
    for await (const text of readText(file)) {
      await new Promise<void>((resolve) => parser.write(text, () => resolve()));
      yield* take();
      if (failure !== undefined) throw failure;
    }
    const ended = new Promise<void>((resolve) => parser.once('close', resolve));
    parser.resume().end();
    await ended;
    yield* take();
    if (failure !== undefined) throw failure;
  } catch (cause) {
    if (cause instanceof CsvError) throw csvFormatError(file, cause);
    throw cause;
  } finally {
    parser.destroy();
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
