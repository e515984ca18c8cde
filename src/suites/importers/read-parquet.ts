import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { unreadable } from '../read-prompts.ts';
import { formatError } from './read-text.ts';

/** Rows that are held at a time: pictures stand in the same files, and are not read. */
const BATCH_ROWS = 1_000;

/** The names of a Parquet file's columns, in order. */
export async function readParquetColumns(file: string): Promise<readonly string[]> {
  return columnsOf(await readMetadata(file));
}

/**
 * Streams a Parquet file's rows, of the columns that hold plain values: a column of pictures is a
 * structure and stays unread.
 *
 * @throws SafelightError `import_format`
 */
export async function* readParquet(file: string): AsyncIterable<Readonly<Record<string, unknown>>> {
  const metadata = await readMetadata(file);
  const columns = plainColumnsOf(metadata);
  const buffer = await open(file);
  const rows = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < rows; rowStart += BATCH_ROWS) {
    const rowEnd = Math.min(rows, rowStart + BATCH_ROWS);
    let batch: Record<string, unknown>[];
    try {
      batch = await parquetReadObjects({ file: buffer, metadata, columns, rowStart, rowEnd });
    } catch (cause) {
      throw broken(file, cause);
    }
    yield* batch;
  }
}

async function readMetadata(file: string): Promise<FileMetaData> {
  const buffer = await open(file);
  try {
    return await parquetMetadataAsync(buffer);
  } catch (cause) {
    throw broken(file, cause);
  }
}

async function open(file: string): ReturnType<typeof asyncBufferFromFile> {
  try {
    return await asyncBufferFromFile(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function columnsOf(metadata: FileMetaData): string[] {
  return topLevel(metadata).map(({ name }) => name);
}

function plainColumnsOf(metadata: FileMetaData): string[] {
  return topLevel(metadata)
    .filter(({ hasChildren }) => !hasChildren)
    .map(({ name }) => name);
}

/** The schema is a tree, written depth first; its first element is the root. */
function topLevel({ schema }: FileMetaData): { name: string; hasChildren: boolean }[] {
  const found: { name: string; hasChildren: boolean }[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (schema[at]?.num_children ?? 0); child += 1) next = skip(next);
    return next;
  };
  for (let at = 1; at < schema.length; at = skip(at)) {
    const element = schema[at];
    if (element === undefined) break;
    found.push({ name: element.name, hasChildren: (element.num_children ?? 0) > 0 });
  }
  return found;
}

function broken(file: string, cause: unknown): Error {
  return formatError(file, 'expected Parquet', { cause, hint: 'Download the file again.' });
}
