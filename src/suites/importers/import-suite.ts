import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { SafelightError } from '../../core/errors.ts';
import type { Prompt } from '../../core/prompt.ts';
import { normaliseText } from '../check-prompt.ts';
import { displayPath } from '../display-path.ts';
import { hashSuite } from '../manifest.ts';
import { isStoppedByMinorsGuard } from '../minors-guard.ts';
import { IMPORTED_MANIFEST } from '../open-suite.ts';
import type { SuiteManifest } from '../suite.ts';
import type { Importer, ImportSource, SkipReason } from './importer.ts';
import { loadImporter } from './registry.ts';

export interface ImportOptions {
  /** The folder that becomes the suite. An import that stands there is replaced as a whole. */
  readonly out: string;
  /** Reads and reports, and writes nothing. */
  readonly dryRun?: boolean;
}

export interface ImportResult {
  readonly prompts: number;
  readonly families: number;
  /** Rows by why they were passed over, in the order of the reasons' first appearance. */
  readonly skipped: readonly { readonly reason: SkipReason; readonly count: number }[];
}

const DATA_FILE = 'prompts.jsonl';
const WRITE_BUFFER_CHARACTERS = 64 * 1024;

/**
 * Imports a published file as a suite, `prompts.jsonl` with `prompts.yaml`. Either both stand in
 * `out` at the end or nothing has changed. What the minors guard stops is counted and not stored.
 *
 * @throws SafelightError `importer_unknown`, `import_format`, `suite_unreadable`, `import_exists`
 * where `out` holds anything but an earlier import, `import_unwritable`.
 */
export async function importSuite(
  name: string,
  file: string,
  options: ImportOptions,
): Promise<ImportResult> {
  const importer = await loadImporter(name);
  const source = await importer.detect(file);
  if (options.dryRun === true) {
    const { result } = await copyRows(importer, file, async () => {});
    return result;
  }
  await refuseForeignFolder(options.out);
  const target = resolve(options.out);
  // A neighbour of the target, so that the last step is a rename within one file system.
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true });
    const result = await writeSuite(importer, source, file, draft);
    await replaceFolder(draft, target);
    return result;
  } catch (cause) {
    throw unwritable(options.out, cause);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function writeSuite(
  importer: Importer,
  source: ImportSource,
  file: string,
  folder: string,
): Promise<ImportResult> {
  const path = join(folder, DATA_FILE);
  const handle = await open(path, 'wx');
  const hash = createHash('sha256');
  let buffer = '';
  const flush = async (): Promise<void> => {
    hash.update(buffer);
    await handle.writeFile(buffer);
    buffer = '';
  };
  try {
    const { result, rows } = await copyRows(importer, file, async (prompt) => {
      buffer += `${JSON.stringify(prompt)}\n`;
      if (buffer.length > WRITE_BUFFER_CHARACTERS) await flush();
    });
    await flush();
    await handle.sync();
    const manifest: SuiteManifest = {
      id: source.suite,
      title: source.title,
      version: '1.0.0',
      licence: importer.licence,
      sha256: hash.digest('hex'),
      taxonomy: '1',
      description: source.description,
      paired: source.paired,
      counts: { prompts: result.prompts, families: result.families },
      source: {
        dataset: importer.dataset,
        importer: importer.name,
        sha256: await hashSuite(file),
        rows,
        ...(source.publishedRows === undefined ? {} : { publishedRows: source.publishedRows }),
      },
    };
    await writeFile(join(folder, IMPORTED_MANIFEST), stringify(manifest));
    return result;
  } finally {
    await handle.close();
  }
}

/** Applies to every importer alike what none may forget. */
async function copyRows(
  importer: Importer,
  file: string,
  keep: (prompt: Prompt) => Promise<void>,
): Promise<{ result: ImportResult; rows: number }> {
  const skipped = new Map<SkipReason, number>();
  const seen = new Set<string>();
  const families = new Set<string>();
  let prompts = 0;
  let rows = 0;
  for await (const row of importer.read(file)) {
    rows += 1;
    const reason = row.kind === 'skip' ? row.reason : reasonToSkip(row.prompts, seen);
    if (reason !== undefined) {
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
      continue;
    }
    for (const prompt of row.kind === 'row' ? row.prompts : []) {
      seen.add(textKey(prompt));
      families.add(prompt.family);
      prompts += 1;
      await keep(prompt);
    }
  }
  const counts = [...skipped].map(([reason, count]) => ({ reason, count }));
  return { result: { prompts, families: families.size, skipped: counts }, rows };
}

/** A row is kept or passed over as a whole: half a pair would be no family. */
function reasonToSkip(
  prompts: readonly Prompt[],
  seen: ReadonlySet<string>,
): SkipReason | undefined {
  if (prompts.some((prompt) => prompt.hazards.includes('child_safety'))) return 'child_safety';
  if (prompts.some((prompt) => isStoppedByMinorsGuard(prompt.text))) return 'minors_guard';
  const keys = prompts.map(textKey);
  if (keys.some((key) => seen.has(key)) || new Set(keys).size < keys.length) return 'duplicate';
  return undefined;
}

/** Stands for a text in the set of those seen: short, since a data set may hold millions. */
function textKey(prompt: Prompt): string {
  return createHash('sha256').update(normaliseText(prompt.text)).digest('base64url').slice(0, 16);
}

async function refuseForeignFolder(out: string): Promise<void> {
  const names = await readdir(out).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw unwritable(out, cause);
  });
  const foreign = names.filter((name) => name !== DATA_FILE && name !== IMPORTED_MANIFEST);
  if (foreign.length === 0) return;
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
