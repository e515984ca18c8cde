import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { hasMediaEnding, mediaOnlyItem } from '../run/score-items.ts';
import { readScoreManifest } from '../run/score-manifest.ts';
import type { ScoreItem } from '../run/score-media.ts';

export interface MediaInputs {
  readonly items: readonly ScoreItem[];
  /** Files in folders whose names are not those of media. */
  readonly ignored: number;
}

/**
 * Collects what `safelight score` should look at: files, folders (searched through and through) and
 * manifests (.csv, .jsonl). In a fixed order, whatever the order of the file system; a file that was
 * named twice counts once.
 *
 * @throws SafelightError for a path that is not there, and where nothing is left to score.
 */
export async function collectMedia(paths: readonly string[], cwd: string): Promise<MediaInputs> {
  const items: ScoreItem[] = [];
  const added = new Set<string>();
  let ignored = 0;
  function add(path: string, name: string, shown?: string): void {
    if (added.has(path)) return;
    added.add(path);
    items.push(mediaOnlyItem(path, name, shown));
  }
  for (const name of paths) {
    const path = resolve(cwd, name);
    const stats = await stat(path).catch(() => undefined);
    if (stats === undefined) {
      throw new SafelightError(`there is no file or folder ${name}`, {
        code: 'input_missing',
        kind: 'usage',
        hint: 'Name pictures, videos, folders of them, or a .csv or .jsonl manifest.',
      });
    }
    if (stats.isDirectory()) {
      for (const file of await filesBelow(path, name)) {
        const inside = relative(path, file);
        if (hasMediaEnding(file)) add(file, join(name, inside), join(basename(path), inside));
        else ignored += 1;
      }
    } else if (/\.(csv|jsonl)$/i.test(name)) {
      items.push(...(await readScoreManifest(path, name)));
    } else {
      add(path, name);
    }
  }
  if (items.length === 0) {
    throw new SafelightError('there are no pictures or videos to score', {
      code: 'no_media',
      kind: 'usage',
      hint: 'Files in a folder are taken by their ending (.png, .jpg, .mp4, …); name a file to try it whatever its ending.',
    });
  }
  return { items, ignored };
}

/** Links to files are followed, links to folders are not: they could lead round in circles. */
async function filesBelow(folder: string, name: string): Promise<string[]> {
  const files: string[] = [];
  try {
    for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      const linked = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
      if (entry.isFile() || linked?.isFile() === true) files.push(path);
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new SafelightError(`the folder ${name} cannot be searched (${code})`, {
      code: 'input_unreadable',
      kind: 'environment',
      hint: 'Check the permissions of all that is in it, or name the files one by one.',
      cause,
    });
  }
  return files.sort();
}
