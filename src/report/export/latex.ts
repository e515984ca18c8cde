import type { Summary } from '../../core/summary.ts';
import { withoutDirectionMarks } from '../html.ts';
import type { FormattedRate } from '../number-format.ts';
import { type ResultsTable, resultsNotes, resultsTables } from './results-table.ts';

/** The results as LaTeX tables for a paper with `\usepackage{booktabs}`; nothing else is needed. */
export function toLatex(summary: Summary): string {
  return `${[
    `% ${comment(`safelight export of ${summary.run.id}`)}\n% \\usepackage{booktabs}`,
    ...resultsTables(summary).map(table),
    ...resultsNotes(summary).map((note) => `% ${comment(note)}`),
  ].join('\n')}\n`;
}

function table({ caption, heads, rows }: ResultsTable): string {
  return [
    '\\begin{table}',
    '\\centering\\small',
    `\\caption{${escapeLatex(caption)}}`,
    `\\begin{tabular}{l${'r'.repeat(heads.length - 1)}}`,
    '\\toprule',
    `${heads.map(escapeLatex).join(' & ')} \\\\`,
    '\\midrule',
    ...rows.flatMap(({ name, cells }) => [
      `${[escapeLatex(name), ...cells.map(({ value }) => escapeLatex(value))].join(' & ')} \\\\`,
      `${['', ...cells.map(second)].join(' & ')} \\\\`,
    ]),
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
  ].join('\n');
}

/** The interval below the value. A bracket would be read as an option of the line end before it. */
function second({ kind, interval, counts }: FormattedRate): string {
  if (kind === 'undefined') return '';
  return `{\\footnotesize ${escapeLatex(interval)}${counts === '' ? '' : `; ${escapeLatex(counts)}`}}`;
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  _: '\\_',
  '%': '\\%',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': "{''}",
  '–': '--',
  '−': '$-$',
  '’': "'",
  '·': '$\\cdot$',
  '\u00A0': '~',
  '\u202F': '\\,',
  '\uFFFD': '?',
};

/** Text as it reads, for any engine: no character of it is a command. */
export function escapeLatex(text: string): string {
  return withoutDirectionMarks(text)
    .replace(/[^\S\u00A0\u202F]+/g, ' ')
    .replace(/[\\{}$&#_%~^<>|"–−’·\u00A0\u202F\uFFFD]/g, (character) => LATEX[character] ?? '');
}

function comment(text: string): string {
  return withoutDirectionMarks(text).replace(/\s+/g, ' ');
}
