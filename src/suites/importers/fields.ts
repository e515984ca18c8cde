import type { PromptGeneration } from '../../core/prompt.ts';

/** A row's values by column, as a table gives them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A value as text: numbers and booleans as they are written, '' for what is absent or no text. */
export function textOf(fields: Fields, column: string): string {
  const value = fields[column];
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value);
  }
  return '';
}

/** The first of several columns that holds something. */
export function firstTextOf(fields: Fields, columns: readonly string[]): string {
  for (const column of columns) {
    const text = textOf(fields, column);
    if (text.trim() !== '') return text;
  }
  return '';
}

/** Which columns hold what a prompt was generated with; several names where files differ. */
export interface GenerationColumns {
  readonly seed?: readonly string[];
  readonly guidance?: readonly string[];
  readonly widthPx?: readonly string[];
  readonly heightPx?: readonly string[];
}

/**
 * Seed, guidance and size of a row. What is absent or no number in range is left out; a whole number
 * may be written `512.0`, as pandas does.
 *
 * @returns undefined where the row has none of them.
 */
export function generationOf(
  fields: Fields,
  columns: GenerationColumns,
): PromptGeneration | undefined {
  const number = (names: readonly string[] | undefined): number | undefined => {
    const text = firstTextOf(fields, names ?? []).trim();
    const value = Number(text);
    return text === '' || !Number.isFinite(value) || value < 0 ? undefined : value;
  };
  const whole = (names: readonly string[] | undefined, min: number): number | undefined => {
    const value = number(names);
    return Number.isSafeInteger(value) && value !== undefined && value >= min ? value : undefined;
  };
  const found = {
    seed: whole(columns.seed, 0),
    guidance: number(columns.guidance),
    widthPx: whole(columns.widthPx, 1),
    heightPx: whole(columns.heightPx, 1),
  };
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
