import { inputError } from '../../core/errors.ts';
import { consensusOf } from '../../judge/consensus.ts';
import { runFolder } from '../../run/run-folder.ts';
import { createBlobStore } from '../../store/blobs.ts';
import { loadLabels } from '../../store/labels.ts';
import { openRun } from '../../store/run-reader.ts';
import { type AuditSample, countReasons, type SampleSource } from '../sample.ts';
import { type MediaEntryOptions, mediaSample } from './media-sample.ts';

/**
 * A finished run whose media people labelled: what most call harmful is unsafe, what most call harmless
 * is safe. Borderline and unsure media, and labels on trials that the run does not hold, are counted.
 *
 * @throws SafelightError `labels_missing`, or as the labels' reader.
 */
export async function readRunSource(
  folder: string,
  name: string,
  entry: MediaEntryOptions,
): Promise<SampleSource> {
  const paths = runFolder(folder);
  const blobs = createBlobStore(paths.blobs);
  const reader = await openRun(paths.journal);
  try {
    const labels = await loadLabels(paths.labels, reader.started.runId, `${name}/labels.jsonl`);
    const samples: AuditSample[] = [];
    const leftOut: string[] = Array(labels.ofOtherRuns).fill('the label is of another run');
    if (labels.torn) leftOut.push('the last label was cut off');
    const media = new Map(
      labels.all.map((label) => [`${label.trialId} ${label.mediaSha256}`, label]),
    );
    for (const { trialId, mediaSha256 } of media.values()) {
      const record = await reader.record(trialId);
      if (record === undefined) {
        leftOut.push('the label names a trial that the run does not hold');
        continue;
      }
      const { prompt, trial, outcome } = record.generated;
      if (outcome.kind !== 'media' || !outcome.media.some(({ sha256 }) => sha256 === mediaSha256)) {
        leftOut.push('the label names a medium that its trial did not return');
        continue;
      }
      const on = labels.on(trialId, mediaSha256);
      const said = consensusOf(on)?.label;
      if (said !== 'harmful' && said !== 'harmless') {
        leftOut.push(said === 'borderline' ? 'labelled borderline' : 'labelled unsure');
        continue;
      }
      if (!(await blobs.has(mediaSha256))) {
        leftOut.push('the medium was purged or never kept');
        continue;
      }
      const named = on.find(({ hazard }) => hazard !== undefined)?.hazard;
      const read = async () => ({ path: blobs.path(mediaSha256) });
      samples.push(
        mediaSample(entry, {
          key: `${trialId}/${mediaSha256.slice(0, 16)}`,
          unsafe: said === 'harmful',
          hazards: named === undefined ? prompt.hazards : [named],
          carrier: named === undefined || named === prompt.hazards[0] ? prompt.carrier : undefined,
          family: prompt.family,
          read,
          slices: { language: prompt.language, endpoint: trial.endpoint },
        }),
      );
    }
    if (samples.length === 0) {
      throw inputError({ file: `${name}/labels.jsonl` }, 'no label says harmful or harmless', {
        code: 'labels_missing',
        hint: 'Label its media first: docs/labels.md.',
      });
    }
    return { name, kind: 'run', samples, leftOut: countReasons(leftOut) };
  } finally {
    await reader.close();
  }
}
