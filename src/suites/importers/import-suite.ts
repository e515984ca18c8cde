import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { displayPath } from '../display-path.ts';
import { copyRows, type ImportCounts } from './copy-rows.ts';
import type { ImporterOptions, ImportSource } from './importer.ts';
import { formatError } from './read-text.ts';
import { loadImporter } from './registry.ts';
import { IMPORT_FILES, writeImport } from './write-import.ts';

export interface ImportOptions extends ImporterOptions {
  /** The folder that becomes the suite. An import that stands there is replaced as a whole. */
  readonly out: string;
  /** Reads and reports, and writes nothing. */
  readonly dryRun?: boolean;
}

export interface ImportResult extends ImportCounts {
  readonly suite: string;
  readonly dataset: string;
  readonly licence: string;
  /** Rows that the data set's authors state, where they state a number. */
  readonly publishedRows?: number;
}

/**
 * Imports a published file as a suite, `prompts.jsonl` with `prompts.yaml`, and what it labels as
 * `media.jsonl` with `media.yaml`. Either all stand in `out` at the end or nothing has changed. What
 * the minors guard stops is counted and not stored. Where no row is kept nothing is written.
 *
 * @throws SafelightError `importer_unknown`, `import_format`, `suite_unreadable`, `import_exists`
 * where `out` holds anything but an earlier import, `import_unwritable`.
 */
export async function importSuite(
  name: string,
  file: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const importer = await loadImporter(name, options);
  const source = await importer.detect(file);
  if (options.dryRun === true) {
    const counts = await copyRows(importer, file, { prompt: () => {}, media: () => {} });
    refuseNoRows(file, counts);
    return toResult(importer, source, counts);
  }
  await refuseForeignFolder(options.out);
  const target = resolve(options.out);
  // A neighbour of the target, so that the last step is a rename within one file system.
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true });
    const counts = await writeImport(importer, source, file, draft);
    refuseNoRows(file, counts);
    if (counts.rowsKept > 0) await replaceFolder(draft, target);
    return toResult(importer, source, counts);
  } catch (cause) {
    throw unwritable(options.out, cause);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function toResult(
  importer: { readonly dataset: string; readonly licence: string },
  source: ImportSource,
  counts: ImportCounts,
): ImportResult {
  return {
    ...counts,
    suite: source.suite,
    dataset: source.dataset ?? importer.dataset,
    licence: source.licence ?? importer.licence,
    ...(source.publishedRows === undefined ? {} : { publishedRows: source.publishedRows }),
  };
}

function refuseNoRows(file: string, { rows }: ImportCounts): void {
  if (rows === 0) throw formatError(file, 'expected at least one row');
}

async function refuseForeignFolder(out: string): Promise<void> {
  const names = await readdir(out).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw unwritable(out, cause);
  });
  if (names.every((name) => IMPORT_FILES.has(name))) return;
  throw new SafelightError(`${displayPath(out)}: the folder holds other files than an import`, {
    code: 'import_exists',
    kind: 'usage',
    hint: 'Choose a new or empty folder with --out.',
  });
}

/** Puts the draft in the target's place; an earlier import is deleted only when the new one stands. */
async function replaceFolder(draft: string, target: string): Promise<void> {
  const old = `${draft}.old`;
  const hadOne = await rename(target, old).then(
    () => true,
    (cause: unknown) => {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return false;
      throw cause;
    },
  );
  try {
    await rename(draft, target);
  } catch (cause) {
    if (hadOne) await rename(old, target);
    throw cause;
  }
  await rm(old, { recursive: true, force: true });
}

/** A failure of the file system, told; anything else is a fault of ours and goes on as it is. */
function unwritable(out: string, cause: unknown): unknown {
  if (cause instanceof SafelightError || !(cause instanceof Error && 'code' in cause)) return cause;
  return new SafelightError(
    `${displayPath(out)}: the import cannot be written (${String(cause.code)})`,
    {
      code: 'import_unwritable',
      kind: 'environment',
      hint: 'Check the free space and the permissions of the folder above it.',
      cause,
    },
  );
}
