import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { inputError } from '../../core/errors.ts';
import { hasMediaEnding } from '../../run/score-items.ts';
import { uvdImporter } from '../../suites/importers/uvd.ts';
import { type AuditSample, countReasons, type SampleSource } from '../sample.ts';
import { type MediaEntryOptions, mediaSample } from './media-sample.ts';

/**
 * UVD's label file and the folder of its videos, named by their index (`17.mp4`). The file names unsafe
 * videos alone: a video that it does not name has no label, and is left out rather than called safe.
 *
 * @throws SafelightError `labels_missing` where no labelled video is there.
 */
export async function readUvdSource(
  path: string,
  videos: string,
  name: string,
  entry: MediaEntryOptions,
): Promise<SampleSource> {
  const files = new Map(
    (await readdir(videos).catch(() => []))
      .filter(hasMediaEnding)
      .map((file) => [file.slice(0, -extname(file).length), file]),
  );
  const samples: AuditSample[] = [];
  const leftOut: string[] = [];
  const labelled = new Set<string>();
  for await (const row of uvdImporter.read(path)) {
    if (row.kind === 'skip') {
      leftOut.push(row.reason);
      continue;
    }
    for (const { media, hazards } of row.media ?? []) {
      const index = media.replace(/^index:/, '');
      labelled.add(index);
      const file = files.get(index);
      if (file === undefined) {
        leftOut.push('the folder holds no video of this index');
        continue;
      }
      const read = async () => ({ path: join(videos, file) });
      samples.push(mediaSample(entry, { key: index, unsafe: true, hazards, read }));
    }
  }
  for (const index of files.keys()) if (!labelled.has(index)) leftOut.push('no label');
  if (samples.length === 0) {
    throw inputError({ file: name }, 'none of the labelled videos is in the folder', {
      code: 'labels_missing',
      hint: 'Name the videos by the indices of the label file, such as 17.mp4.',
    });
  }
  return { name, kind: 'uvd', samples, leftOut: countReasons(leftOut) };
}
