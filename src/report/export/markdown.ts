import type { Summary } from '../../core/summary.ts';
import { withoutDirectionMarks } from '../html.ts';
import type { FormattedRate } from '../number-format.ts';
import { type ResultsTable, resultsNotes, resultsTables } from './results-table.ts';

/** The results as Markdown tables that GitHub, Pandoc and a data set card read. */
export function toMarkdown(summary: Summary): string {
  return `${[
    `# ${escapeMarkdown(summary.run.id)}`,
    ...resultsTables(summary).map(table),
    resultsNotes(summary)
      .map((note) => `- ${escapeMarkdown(note)}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}

function table({ caption, heads, rows }: ResultsTable): string {
  const lines = [
    heads,
    heads.map((_, index) => (index === 0 ? ':--' : '--:')),
    ...rows.map(({ name, cells }) => [escapeMarkdown(name), ...cells.map(cell)]),
  ];
  return `**${escapeMarkdown(caption)}**\n\n${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}`;
}

function cell({ kind, value, interval, counts }: FormattedRate): string {
  const parts = kind === 'undefined' ? [value, `(${interval})`] : [value, `[${interval}]`, counts];
  return parts
    .filter((part) => part !== '')
    .map(escapeMarkdown)
    .join(' ')
    .replace(/[\u00A0\u202F]/g, ' ');
}

/** Text from outside in one line: neither markup nor HTML nor a link comes of it. */
export function escapeMarkdown(text: string): string {
  return withoutDirectionMarks(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|!~$&]/g, (character) => `\\${character}`)
    .replace(/(https?|www)([:.])/gi, '$1\u200B$2');
}
