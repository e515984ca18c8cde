import type { SchemaElement } from 'hyparquet';
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import { assertNever } from '../../core/assert-never.ts';
import { cleanText, LIST_SEPARATOR } from './csv.ts';
import type { Cell, ExportedTrial, TrialColumn } from './trial-columns.ts';

/** Rows that wait in memory for their row group. */
const ROWS_PER_GROUP = 5_000;

/** Writes trials to a Parquet file, one row group after the other. Every column may be null. */
export async function writeParquet(
  path: string,
  columns: readonly TrialColumn[],
  trials: AsyncIterable<ExportedTrial>,
): Promise<void> {
  const file = fileWriter(path);
  const writer = new ParquetWriter({
    writer: file,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaOf)],
  });
  let waiting: (Cell | bigint)[][] = columns.map(() => []);
  const flush = async (): Promise<void> => {
    const data = columns.map(({ name }, index) => ({ name, data: waiting[index] ?? [] }));
    await writer.write({ columnData: data, rowGroupSize: ROWS_PER_GROUP });
    waiting = columns.map(() => []);
  };
  for await (const trial of trials) {
    columns.forEach((column, index) => {
      waiting[index]?.push(parquetCell(column.kind, column.cell(trial)));
    });
    if ((waiting[0]?.length ?? 0) >= ROWS_PER_GROUP) await flush();
  }
  if ((waiting[0]?.length ?? 0) > 0) await flush();
  await writer.finish();
}

function schemaOf({ name, kind }: TrialColumn): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  switch (kind) {
    case 'text':
    case 'list':
      return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'integer':
      return { ...optional, type: 'INT64' };
    case 'number':
      return { ...optional, type: 'DOUBLE' };
    case 'boolean':
      return { ...optional, type: 'BOOLEAN' };
    default:
      return assertNever(kind);
  }
}

function parquetCell(kind: TrialColumn['kind'], value: Cell): Cell | bigint {
  if (kind === 'integer' && typeof value === 'number') return BigInt(value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  return cleanText(typeof value === 'string' ? value : value.join(LIST_SEPARATOR));
}
