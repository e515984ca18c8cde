import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafelightError } from '../core/errors.ts';

/** Larger bundles are opened by hand: an archive from elsewhere may unpack to anything. */
const MAX_UNPACKED_BYTES = 20 * 1024 ** 3;
const MAX_ENTRIES = 100;

/** A bundle as a folder; `close` removes what was unpacked. */
export interface OpenedBundle {
  readonly folder: string;
  readonly close: () => Promise<void>;
}

/** @throws SafelightError `bundle_missing`, `bundle_invalid`. */
export async function openBundle(path: string): Promise<OpenedBundle> {
  const found = await stat(path).catch(() => null);
  if (found === null) {
    throw new SafelightError('there is no such bundle', {
      code: 'bundle_missing',
      kind: 'usage',
      hint: 'Name a folder or .tar.gz that `safelight export --to bundle` wrote.',
    });
  }
  if (found.isDirectory()) return { folder: path, close: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), 'safelight-bundle-'));
  const close = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await unpack(path, folder);
    return { folder, close };
  } catch (cause) {
    await close();
    if (cause instanceof SafelightError) throw cause;
    throw new SafelightError('the archive cannot be unpacked', {
      code: 'bundle_invalid',
      kind: 'input',
      hint: 'It is damaged, or no .tar.gz: ask for it anew.',
      cause,
    });
  }
}

/** Files and folders only: links and devices have no place in a bundle. */
async function unpack(archive: string, folder: string): Promise<void> {
  const { extract } = await import('tar');
  let bytes = 0;
  let entries = 0;
  let tooLarge = false;
  await extract({
    file: archive,
    cwd: folder,
    strict: true,
    filter: (_path, entry) => {
      bytes += entry.size ?? 0;
      entries += 1;
      tooLarge ||= bytes > MAX_UNPACKED_BYTES || entries > MAX_ENTRIES;
      return !tooLarge && 'type' in entry && ['File', 'OldFile', 'Directory'].includes(entry.type);
    },
  });
  if (tooLarge) {
    throw new SafelightError('the archive holds more than a bundle does', {
      code: 'bundle_invalid',
      kind: 'input',
      hint: 'Where you trust it, unpack it by hand and name the folder.',
    });
  }
}

/** The same files give the same archive. */
export async function packBundle(folder: string, archive: string): Promise<void> {
  const { create } = await import('tar');
  const files = [
    'README.md',
    'bundle.json',
    'hashes',
    'journal.jsonl',
    'labels.jsonl',
    'manifest.json',
    'summary.json',
  ];
  const there = await Promise.all(
    files.map(async (name) =>
      (await stat(join(folder, name)).catch(() => null)) === null ? [] : [name],
    ),
  );
  await create(
    { file: archive, cwd: folder, gzip: true, portable: true, mtime: new Date(0) },
    there.flat(),
  );
}
