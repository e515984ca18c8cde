import { createHash } from 'node:crypto';
import type { Label } from '../core/label.ts';
import { readLabelLines } from './label-lines.ts';

/** What the labels of one run amount to: of each labeller the newest label on a medium. */
export interface LabelSet {
  /** The counting labels on a medium of a trial, by labeller in alphabetical order. */
  on(trialId: string, mediaSha256: string): readonly Label[];
  /** Every label that counts, by trial, medium and labeller. */
  readonly all: readonly Label[];
  /** SHA-256 over the counting labels: it names what a calibration was made from. */
  readonly sha256: string;
  /** Lines that a newer one by the same labeller on the same medium replaced. */
  readonly replaced: number;
  /** Lines that name another run. */
  readonly ofOtherRuns: number;
  /** Whether a last line without a line break was left out: its writer was killed. */
  readonly torn: boolean;
}

export const NO_LABELS: LabelSet = createLabelSet([]);

/**
 * Reads the labels of one run from `labels.jsonl`, or from a CSV file with the same columns.
 *
 * @param runId keeps only this run's lines; undefined keeps all.
 * @param name of the file in messages, as the user knows it.
 * @throws SafelightError `labels_missing`, or `label_invalid` with file and line.
 */
export async function loadLabels(
  path: string,
  runId: string | undefined,
  name: string = path,
): Promise<LabelSet> {
  const labels: Label[] = [];
  let ofOtherRuns = 0;
  let torn = false;
  for await (const line of readLabelLines(path, name)) {
    if (line.kind === 'torn') torn = true;
    else if (runId !== undefined && line.label.runId !== runId) ofOtherRuns += 1;
    else labels.push(line.label);
  }
  return { ...createLabelSet(labels), ofOtherRuns, torn };
}

/** Keeps of each labeller the newest label on a medium; of two at one time the later line. */
export function createLabelSet(labels: Iterable<Label>): LabelSet {
  const media = new Map<string, Map<string, Label>>();
  let replaced = 0;
  for (const label of labels) {
    const key = keyOf(label.trialId, label.mediaSha256);
    const known = media.get(key) ?? new Map<string, Label>();
    media.set(key, known);
    const before = known.get(label.labeller);
    if (before !== undefined) replaced += 1;
    if (before === undefined || Date.parse(before.at) <= Date.parse(label.at)) {
      known.set(label.labeller, label);
    }
  }
  const sorted = new Map(
    [...media]
      .toSorted(([a], [b]) => compare(a, b))
      .map(([key, known]): [string, readonly Label[]] => [
        key,
        [...known.values()].toSorted((a, b) => compare(a.labeller, b.labeller)),
      ]),
  );
  const all = [...sorted.values()].flat();
  return {
    on: (trialId, mediaSha256) => sorted.get(keyOf(trialId, mediaSha256)) ?? [],
    all,
    sha256: hashOf(all),
    replaced,
    ofOtherRuns: 0,
    torn: false,
  };
}

/** Line by line, since the labels of a large study need not be held twice. */
function hashOf(labels: readonly Label[]): string {
  const hash = createHash('sha256');
  for (const label of labels) {
    const entries = Object.entries(label).toSorted(([a], [b]) => compare(a, b));
    hash.update(`${JSON.stringify(entries)}\n`);
  }
  return hash.digest('hex');
}

function keyOf(trialId: string, mediaSha256: string): string {
  return `${trialId} ${mediaSha256}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
