import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { inputError } from '../../core/errors.ts';
import { carrierSchema, hazardSchema } from '../../core/hazard.ts';
import { didYouMean } from '../../core/nearest.ts';
import { idSchema } from '../../core/prompt.ts';
import { readTable } from '../../suites/importers/read-table.ts';
import { type AuditSample, countReasons, type SampleSource } from '../sample.ts';
import { type MediaEntryOptions, mediaSample } from './media-sample.ts';

const listSchema = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    (typeof value === 'string' ? value.split(/[\s;,|]+/) : value).filter((one) => one !== ''),
  );

/** A row of a list of labelled media. */
const rowSchema = z.strictObject({
  path: z.string().min(1),
  label: z.preprocess(
    (value) => (typeof value === 'string' ? value.trim().toLowerCase() : value),
    z.enum(['safe', 'unsafe']),
  ),
  hazards: listSchema.pipe(z.array(hazardSchema)).optional(),
  carrier: carrierSchema.optional(),
  family: idSchema.optional(),
  source: z.string().min(1).optional(),
  madeBy: z.enum(['real', 'generated']).optional(),
  language: z.string().min(2).optional(),
});
const COLUMNS = Object.keys(rowSchema.shape);

/**
 * A CSV or JSONL file with `path` (relative to it) and `label`, and as further columns `hazards`,
 * `carrier`, `family`, `source`, `madeBy`, `language`. A row whose file is not there is left out and
 * counted.
 *
 * @throws SafelightError `label_invalid` with file and line.
 */
export async function readManifestSource(
  path: string,
  name: string,
  entry: MediaEntryOptions,
): Promise<SampleSource> {
  const samples: AuditSample[] = [];
  const leftOut: string[] = [];
  const lines = new Map<string, number>();
  for await (const { fields, line, number } of readTable(path)) {
    if (fields === undefined)
      throw invalid(name, line, 'the row has other columns than the header');
    const given = Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== '' && value !== null),
    );
    const unknown = Object.keys(given).find((column) => !COLUMNS.includes(column));
    if (unknown !== undefined) {
      throw invalid(name, line, `unknown column "${unknown}"`, didYouMean(unknown, COLUMNS));
    }
    const parsed = rowSchema.safeParse(given);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw invalid(
        name,
        line,
        `${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'invalid'}`,
      );
    }
    const row = parsed.data;
    const media = isAbsolute(row.path) ? row.path : join(dirname(path), row.path);
    const before = lines.get(media);
    if (before !== undefined) throw invalid(name, line, `labels the same file as row ${before}`);
    lines.set(media, number);
    if ((await stat(media).catch(() => undefined))?.isFile() !== true) {
      leftOut.push('without their file');
      continue;
    }
    samples.push(
      mediaSample(
        { ...entry, source: row.source ?? entry.source, madeBy: row.madeBy ?? entry.madeBy },
        {
          key: row.path,
          unsafe: row.label === 'unsafe',
          hazards: row.hazards ?? [],
          carrier: row.carrier,
          family: row.family,
          read: async () => ({ path: media }),
          slices: row.language === undefined ? {} : { language: row.language },
        },
      ),
    );
  }
  if (samples.length === 0) throw invalid(name, undefined, 'no row names a file that is there');
  return { name, kind: 'manifest', samples, leftOut: countReasons(leftOut) };
}

function invalid(name: string, line: number | undefined, problem: string, hint?: string): Error {
  return inputError({ file: name, line }, problem, {
    code: 'label_invalid',
    hint:
      hint ??
      `A row has path and label (safe or unsafe); further columns are ${COLUMNS.slice(2).join(', ')}.`,
  });
}
