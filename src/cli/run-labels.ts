import { relative, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { runFolder } from '../run/run-folder.ts';
import { type LabelSet, loadLabels } from '../store/labels.ts';
import type { RunReader } from '../store/run-reader.ts';
import type { Terminal } from './terminal.ts';

/**
 * Labels that people gave to a run.
 *
 * @param file as it stands in the command; undefined for `labels.jsonl` in the run's folder.
 * @throws SafelightError `labels_missing`, or `label_invalid` with file and line.
 */
export function labelsOfRun(
  reader: RunReader,
  file: string | undefined,
  { cwd }: Terminal,
): Promise<LabelSet> {
  const path = file === undefined ? runFolder(reader.folder).labels : resolve(cwd, file);
  return loadLabels(path, reader.started.runId, file ?? relative(cwd, path));
}

/**
 * The same, for what cannot be done without any.
 *
 * @throws SafelightError `too_few_labels` too, where none is of this run.
 */
export async function requireLabelsOfRun(
  reader: RunReader,
  file: string | undefined,
  terminal: Terminal,
): Promise<LabelSet> {
  const labels = await labelsOfRun(reader, file, terminal);
  if (labels.all.length > 0) return labels;
  throw new SafelightError('the label file holds no label of this run', {
    code: 'too_few_labels',
    kind: 'input',
    hint: `Labels name their run: this one is ${reader.started.runId}.`,
  });
}
