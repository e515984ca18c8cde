import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest.ts';
import { displayPath } from '../display-path.ts';
import { explainIssues } from '../explain-issue.ts';
import { unreadable } from '../read-prompts.ts';

/** What a column, a constant or a table of values can give to a prompt. */
export const MAPPED_FIELDS = [
  'text',
  'benignText',
  'intent',
  'hazard',
  'carrier',
  'modality',
  'family',
  'severity',
  'reason',
  'shownText',
  'language',
  'tags',
  'row',
  'seed',
  'guidance',
  'widthPx',
  'heightPx',
] as const;
export const mappedFieldSchema = z.enum(MAPPED_FIELDS);
export type MappedField = z.infer<typeof mappedFieldSchema>;

/** How a table of no known data set becomes prompts. */
export const columnMappingSchema = z.strictObject({
  /** Name of the data set, for the origin of each prompt. */
  dataset: z.string().min(1).default('custom'),
  /** SPDX identifier. */
  licence: z.string().min(1).default('NOASSERTION'),
  /** Field → column. Plain lines have the one column `line`. */
  columns: z.partialRecord(mappedFieldSchema, z.string().min(1)).default({}),
  /** Field → value, for all rows that have none of their own. */
  constants: z.partialRecord(mappedFieldSchema, z.string().min(1)).default({}),
  /** Field → value in the file → value here. `null` passes the row over. */
  values: z
    .partialRecord(mappedFieldSchema, z.record(z.string(), z.string().min(1).nullable()))
    .default({}),
  /** Between several hazards, or tags, in one cell; the first hazard is the primary one. */
  separator: z.string().min(1).default(','),
});
export type ColumnMapping = z.infer<typeof columnMappingSchema>;

/**
 * Reads a mapping from YAML.
 *
 * @throws SafelightError `mapping_invalid` with what was expected.
 */
export async function readColumnMapping(path: string): Promise<ColumnMapping> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const document = parseDocument(text);
  const broken = document.errors[0];
  const line = broken?.linePos?.[0].line;
  if (broken !== undefined) {
    throw invalid(
      `${displayPath(path)}${line === undefined ? '' : `:${line}`}: expected YAML: ${broken.code}`,
    );
  }
  const value: unknown = document.toJS();
  const result = columnMappingSchema.safeParse(value ?? {});
  if (result.success) return result.data;
  const keys = Object.keys(columnMappingSchema.shape);
  throw invalid(
    `${displayPath(path)}: ${explainIssues(result.error.issues, value, [...keys, ...MAPPED_FIELDS])}`,
  );
}

/**
 * A mapping from `column=field` pairs and `field=value` constants, over one that was read.
 *
 * @throws SafelightError `mapping_invalid`, with the nearest field.
 */
export function extendColumnMapping(
  base: ColumnMapping | undefined,
  pairs: readonly string[],
  constants: readonly string[],
): ColumnMapping {
  const mapping = base ?? columnMappingSchema.parse({});
  const columns = { ...mapping.columns };
  for (const pair of pairs) {
    // A column's name may hold "=", a field's never does.
    const at = pair.lastIndexOf('=');
    if (at < 1) throw invalid(`expected column=field, not ${JSON.stringify(pair)}`);
    columns[fieldOf(pair.slice(at + 1))] = pair.slice(0, at);
  }
  let { dataset, licence } = mapping;
  const values = { ...mapping.constants };
  for (const constant of constants) {
    const at = constant.indexOf('=');
    const value = constant.slice(at + 1);
    if (at < 1 || value === '') {
      throw invalid(`expected field=value, not ${JSON.stringify(constant)}`);
    }
    const name = constant.slice(0, at);
    if (name === 'dataset') dataset = value;
    else if (name === 'licence') licence = value;
    else values[fieldOf(name)] = value;
  }
  return { ...mapping, dataset, licence, columns, constants: values };
}

function fieldOf(name: string): MappedField {
  const field = mappedFieldSchema.safeParse(name);
  if (field.success) return field.data;
  const near = nearestName(name, MAPPED_FIELDS);
  const problem = `no field ${JSON.stringify(name)}`;
  throw invalid(near === undefined ? problem : `${problem}, did you mean "${near}"?`);
}

function invalid(problem: string): SafelightError {
  return new SafelightError(problem, {
    code: 'mapping_invalid',
    kind: 'usage',
    hint: `Fields are: ${MAPPED_FIELDS.join(', ')}. docs/importers.md has examples.`,
  });
}
