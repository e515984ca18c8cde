import type { Summary } from '../../core/summary.ts';
import type { ReportManifest } from '../model.ts';
import { escapeMarkdown, toMarkdown } from './markdown.ts';
import type { TrialColumn } from './trial-columns.ts';

export interface DataSetCard {
  readonly summary: Summary;
  readonly manifest: ReportManifest;
  readonly columns: readonly TrialColumn[];
  readonly trials: number;
  /** Of copied media; null where none was asked for. */
  readonly media: {
    readonly copied: number;
    readonly missing: number;
    readonly withheld: number;
  } | null;
}

/** README.md of a Hugging Face data set folder, with the metadata that the Hub reads. */
export function toDataSetCard({ summary, manifest, columns, trials, media }: DataSetCard): string {
  const suites = manifest.suites.map(
    ({ id, version, licence, sha256 }) =>
      `- ${escapeMarkdown(`${id} ${version}, ${licence}`)}, SHA-256 \`${sha256}\``,
  );
  return `---
pretty_name: ${JSON.stringify(`Safelight run ${summary.run.id}`)}
license: other
task_categories:
- text-to-image
tags:
- safety
- over-refusal
- safelight
- not-for-all-audiences
size_categories:
- ${sizeCategory(trials)}
configs:
- config_name: trials
  data_files: data/trials.parquet
  default: true
---

# Safelight run ${escapeMarkdown(summary.run.id)}

${trials} trials of ${summary.endpoints.length} endpoints, each with its verdict, scores and reasons.
${mediaSentence(media)}

Licences: prompts stand under those of their suites below, media under the terms of the endpoints that
made it. Choose the licence of this folder before you publish it, and read what it holds.

${suites.length === 0 ? 'No suite is named in the manifest.' : suites.join('\n')}

## Columns

| column | type | meaning |
|:--|:--|:--|
${columns.map(({ name, kind, meaning }) => `| \`${name}\` | ${kind} | ${escapeMarkdown(meaning)} |`).join('\n')}

Lists are one text, with "; " between their entries.

## Results

${toMarkdown(summary).split('\n').slice(2).join('\n')}`;
}

function mediaSentence(media: DataSetCard['media']): string {
  if (media === null) return 'It holds no media, only the SHA-256 of each.';
  const left = [
    ...(media.missing > 0 ? [`${media.missing} were purged or never kept`] : []),
    ...(media.withheld > 0
      ? [`${media.withheld} concern child safety and are never exported`]
      : []),
  ];
  return `\`media/\` holds ${media.copied} files, named by their SHA-256: **some may be disturbing or unlawful to pass on.**${left.length === 0 ? '' : ` Left out: ${left.join('; ')}.`}`;
}

function sizeCategory(trials: number): string {
  if (trials < 1_000) return 'n<1K';
  if (trials < 10_000) return '1K<n<10K';
  if (trials < 100_000) return '10K<n<100K';
  return '100K<n<1M';
}
