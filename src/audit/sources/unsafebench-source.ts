import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { z } from 'zod';
import { inputError } from '../../core/errors.ts';
import type { MediaSource } from '../../media/media-source.ts';
import { unsafeBenchImporter } from '../../suites/importers/unsafebench.ts';
import { type AuditSample, countReasons, type SampleSource } from '../sample.ts';
import { type MediaEntryOptions, mediaSample } from './media-sample.ts';

/** Of the pictures that are held at a time: each read unpacks its group of rows from the beginning. */
const BATCH_BYTES = 48 * 1024 * 1024;

/** Pictures of the web and of Stable Diffusion users, as UnsafeBench's column `source` tells them. */
const MADE_BY: Readonly<Record<string, string>> = { laion5b: 'real', lexica: 'generated' };

const pictureSchema = z.object({ image: z.object({ bytes: z.instanceof(Uint8Array) }) });

/**
 * A Parquet file in UnsafeBench's form: `image` (with its bytes), `safety_label`, `category`, `source`,
 * `text`. Pictures are read when they are looked at, and never written anywhere. A table that names
 * files instead, as an image folder's does, is read with the pictures beside it.
 *
 * @throws SafelightError `import_format`, `labels_missing`.
 */
export async function readUnsafeBenchSource(
  path: string,
  name: string,
  entry: MediaEntryOptions,
): Promise<SampleSource> {
  const samples: AuditSample[] = [];
  const leftOut: string[] = [];
  // Opened when the first picture is wanted: what is no such file is told by the importer before.
  let opened: ReturnType<typeof openPictures> | undefined;
  for await (const row of unsafeBenchImporter.read(path)) {
    if (row.kind === 'skip') {
      leftOut.push(row.reason);
      continue;
    }
    for (const medium of row.media ?? []) {
      const picture = medium.media.startsWith('row:')
        ? { row: Number(/\/(\d+)$/.exec(medium.media)?.[1]) }
        : { file: join(dirname(path), medium.media) };
      if ('file' in picture && (await stat(picture.file).catch(() => undefined)) === undefined) {
        leftOut.push('without their file');
        continue;
      }
      const madeBy = MADE_BY[medium.source?.toLowerCase() ?? ''] ?? entry.madeBy;
      samples.push(
        mediaSample(
          { ...entry, source: medium.source ?? entry.source, madeBy },
          {
            key: 'row' in picture ? `${entry.source}:${picture.row}` : medium.media,
            unsafe: medium.label === 'unsafe',
            hazards: medium.hazards,
            read: async () => {
              if ('file' in picture) return { path: picture.file };
              opened ??= openPictures(path);
              return (await opened)(picture.row - 1);
            },
          },
        ),
      );
    }
  }
  if (samples.length === 0) {
    throw inputError({ file: name }, 'no row has a label and a picture', {
      code: 'labels_missing',
      hint: 'Give the Parquet file as it was published, with its pictures.',
    });
  }
  return { name, kind: 'unsafebench', samples, leftOut: countReasons(leftOut) };
}

/** Reads pictures by their row, a few rows at a time. */
async function openPictures(path: string): Promise<(row: number) => Promise<MediaSource>> {
  const file = await asyncBufferFromFile(path).catch((cause: unknown) => {
    throw inputError({ file: path }, 'the file cannot be read', {
      code: 'labels_missing',
      hint: 'Check the path and its permissions.',
      cause,
    });
  });
  const metadata = await parquetMetadataAsync(file);
  const batches = planBatches(metadata);
  let held: { readonly start: number; readonly rows: Promise<unknown[]> } | undefined;
  return async (row) => {
    const batch = batches.find(({ start, end }) => row >= start && row < end);
    if (batch === undefined) return { bytes: new Uint8Array(0) };
    const { start, end } = batch;
    if (held?.start !== start) {
      const rows = parquetReadObjects({
        ...{ file, metadata, columns: ['image'], rowStart: start, rowEnd: end },
        utf8: false,
      });
      held = { start, rows };
    }
    const parsed = pictureSchema.safeParse((await held.rows)[row - start]);
    // Without bytes it is an empty file, which every decoder reports as such.
    return { bytes: parsed.success ? parsed.data.image.bytes : new Uint8Array(0) };
  };
}

/** Parts of row groups whose pictures are about as large as is held. */
function planBatches({ row_groups }: FileMetaData): { start: number; end: number }[] {
  const batches: { start: number; end: number }[] = [];
  let first = 0;
  for (const { num_rows, total_byte_size } of row_groups) {
    const rows = Number(num_rows);
    const parts = Math.max(1, Math.ceil(Number(total_byte_size) / BATCH_BYTES));
    const step = Math.max(1, Math.ceil(rows / parts));
    for (let start = first; start < first + rows; start += step) {
      batches.push({ start, end: Math.min(start + step, first + rows) });
    }
    first += rows;
  }
  return batches;
}
