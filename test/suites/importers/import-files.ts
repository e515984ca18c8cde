import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Prompt } from '../../../src/core/prompt.ts';
import type { ColumnMapping } from '../../../src/suites/importers/column-mapping.ts';
import { type ImportResult, importSuite } from '../../../src/suites/importers/import-suite.ts';
import {
  type LabelledMedia,
  labelledMediaSchema,
} from '../../../src/suites/importers/labelled-media.ts';
import { openSuite } from '../../../src/suites/open-suite.ts';
import { validateSuite } from '../../../src/suites/validate-suite.ts';
import { collect, makeFolder } from '../prompt-lines.ts';

/** Contents by file name. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Imported extends ImportResult {
  readonly all: readonly Prompt[];
  readonly labelled: readonly LabelledMedia[];
  readonly out: string;
}

export interface ImportCase {
  readonly importer: string;
  readonly files: Files;
  /** The one that is imported; the folder itself where it is ''. */
  readonly path: string;
  readonly mapping?: ColumnMapping | undefined;
}

/** Writes files into a new folder. */
export async function writeFiles(files: Files): Promise<string> {
  const folder = await makeFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Imports, and holds what was written against the rules for suites. */
export async function importFiles({
  importer,
  files,
  path,
  mapping,
}: ImportCase): Promise<Imported> {
  const folder = await writeFiles(files);
  const out = join(await makeFolder(), 'out');
  const result = await importSuite(importer, join(folder, path), {
    out,
    ...(mapping === undefined ? {} : { mapping }),
  });
  let all: Prompt[] = [];
  if (result.prompts > 0) {
    const suite = await openSuite(out, { roots: [] });
    expect((await validateSuite(suite.path)).problems).toEqual([]);
    all = await collect(suite.prompts());
    expect(all).toHaveLength(result.prompts);
  }
  const labelled = result.media === 0 ? [] : await readMedia(out);
  expect(labelled).toHaveLength(result.media);
  return { ...result, all, labelled, out };
}

async function readMedia(out: string): Promise<LabelledMedia[]> {
  const text = await readFile(join(out, 'media.jsonl'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => labelledMediaSchema.parse(JSON.parse(line)));
}

/** One line of CSV: every field in quotation marks, as far as it needs them. */
export function csvLine(fields: readonly (string | number)[]): string {
  return fields
    .map((field) => {
      const text = String(field);
      return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}

/** A CSV file with a header. */
export function csv(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return `${[header, ...rows].map(csvLine).join('\n')}\n`;
}
