import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { type HazardId, hazardSchema } from '../../core/hazard.ts';
import { hasMediaEnding } from '../../run/score-items.ts';
import { type AuditSample, countReasons, type SampleSource } from '../sample.ts';
import { type MediaEntryOptions, mediaSample } from './media-sample.ts';

/**
 * A folder with `safe/` and `unsafe/`, searched through and through. A folder in these that is named
 * after a hazard tells what its media was labelled for.
 *
 * @param hazard of media that no such folder names.
 * @throws SafelightError `labels_missing` where neither folder is there.
 */
export async function readFolderSource(
  folder: string,
  name: string,
  hazard: HazardId | undefined,
  entry: MediaEntryOptions,
): Promise<SampleSource> {
  const samples: AuditSample[] = [];
  const leftOut: string[] = [];
  for (const label of ['safe', 'unsafe'] as const) {
    for (const path of await filesBelow(join(folder, label))) {
      if (!hasMediaEnding(path)) {
        leftOut.push('not media by its name');
        continue;
      }
      const key = relative(folder, path).split(sep).join('/');
      const named = hazardSchema.safeParse(key.split('/')[1]).data ?? hazard;
      samples.push(
        mediaSample(entry, {
          key,
          unsafe: label === 'unsafe',
          hazards: named === undefined ? [] : [named],
          read: async () => ({ path }),
        }),
      );
    }
  }
  if (samples.length > 0) {
    return { name, kind: 'folder', samples, leftOut: countReasons(leftOut) };
  }
  throw new SafelightError(`${name} holds no media in safe/ or unsafe/`, {
    code: 'labels_missing',
    kind: 'input',
    hint: 'Sort its pictures and videos into folders called safe and unsafe.',
  });
}

async function filesBelow(folder: string): Promise<string[]> {
  const known = await stat(folder).catch(() => undefined);
  if (known?.isDirectory() !== true) return [];
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const linked = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
    if (entry.isFile() || linked?.isFile() === true) files.push(path);
  }
  return files.sort();
}
