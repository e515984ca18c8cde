import { createHash } from 'node:crypto';
import { type FileHandle, open, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { sha256Schema } from '../../core/media-ref.ts';
import { hashSuite } from '../manifest.ts';
import { IMPORTED_MANIFEST } from '../open-suite.ts';
import { type SuiteManifest, suiteSourceSchema } from '../suite.ts';
import { copyRows, type ImportCounts } from './copy-rows.ts';
import type { Importer, ImportSource } from './importer.ts';

const PROMPTS = 'prompts.jsonl';
const MEDIA = 'media.jsonl';
const MEDIA_MANIFEST = 'media.yaml';

/** Everything that an import writes. */
export const IMPORT_FILES: ReadonlySet<string> = new Set([
  PROMPTS,
  IMPORTED_MANIFEST,
  MEDIA,
  MEDIA_MANIFEST,
]);

/** `media.yaml`, beside `media.jsonl`. */
export const mediaManifestSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  /** SPDX identifier. */
  licence: z.string().min(1),
  /** Hash of the JSONL file's bytes. */
  sha256: sha256Schema,
  /** Version of the taxonomy whose hazards the labels name. */
  taxonomy: z.string().min(1),
  items: z.number().int().nonnegative(),
  source: suiteSourceSchema,
});
export type MediaManifest = z.infer<typeof mediaManifestSchema>;

/** Writes all files of an import into an empty folder. */
export async function writeImport(
  importer: Importer,
  source: ImportSource,
  file: string,
  folder: string,
): Promise<ImportCounts> {
  const prompts = await openLines(join(folder, PROMPTS));
  const media = await openLines(join(folder, MEDIA));
  let counts: ImportCounts;
  try {
    counts = await copyRows(importer, file, { prompt: prompts.write, media: media.write });
  } finally {
    await prompts.close();
    await media.close();
  }
  const licence = source.licence ?? importer.licence;
  const about = {
    dataset: source.dataset ?? importer.dataset,
    importer: importer.name,
    sha256: await hashSource(importer, file),
    rows: counts.rows,
    ...(source.publishedRows === undefined ? {} : { publishedRows: source.publishedRows }),
  };
  if (counts.prompts === 0) await rm(join(folder, PROMPTS));
  else {
    const manifest: SuiteManifest = {
      id: source.suite,
      title: source.title,
      version: '1.0.0',
      licence,
      sha256: prompts.sha256(),
      taxonomy: '1',
      description: source.description,
      paired: source.paired,
      counts: { prompts: counts.prompts, families: counts.families },
      source: about,
    };
    await writeFile(join(folder, IMPORTED_MANIFEST), stringify(manifest));
  }
  if (counts.media === 0) await rm(join(folder, MEDIA));
  else {
    const manifest: MediaManifest = {
      id: source.suite,
      title: source.title,
      licence,
      sha256: media.sha256(),
      taxonomy: '1',
      items: counts.media,
      source: about,
    };
    await writeFile(join(folder, MEDIA_MANIFEST), stringify(manifest));
  }
  return counts;
}

const WRITE_BUFFER_CHARACTERS = 64 * 1024;

interface LineWriter {
  /** Appends a value as a line of JSON; waits only where a buffer is full. */
  readonly write: (value: object) => Promise<void> | undefined;
  /** Writes what is left, to the disk. Once. */
  readonly close: () => Promise<void>;
  /** Of everything written, after the end. */
  readonly sha256: () => string;
}

async function openLines(path: string): Promise<LineWriter> {
  const handle: FileHandle = await open(path, 'wx');
  const hash = createHash('sha256');
  let buffer = '';
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(buffer);
    buffer = '';
    hash.update(bytes);
    await handle.writeFile(bytes);
  };
  return {
    write: (value) => {
      buffer += `${JSON.stringify(value)}\n`;
      return buffer.length > WRITE_BUFFER_CHARACTERS ? flush() : undefined;
    },
    close: async () => {
      try {
        await flush();
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    sha256: () => hash.digest('hex'),
  };
}

/** The hash of the published file; of several, that of the list of their names and hashes. */
async function hashSource(importer: Importer, file: string): Promise<string> {
  const files = (await importer.files?.(file)) ?? [file];
  const [only] = files;
  if (files.length === 1 && only !== undefined) return hashSuite(only);
  const hash = createHash('sha256');
  for (const path of files) hash.update(`${await hashSuite(path)}  ${basename(path)}\n`);
  return hash.digest('hex');
}
