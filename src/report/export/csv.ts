import type { Cell, ExportedTrial, TrialColumn } from './trial-columns.ts';

/** Between the entries of a list in one cell. */
export const LIST_SEPARATOR = '; ';

/** RFC 4180: CRLF, quotes doubled. The first line names the columns. */
export async function* csvLines(
  columns: readonly TrialColumn[],
  trials: AsyncIterable<ExportedTrial>,
): AsyncGenerator<string> {
  yield csvLine(columns.map(({ name }) => name));
  for await (const trial of trials) yield csvLine(columns.map(({ cell }) => cell(trial)));
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/**
 * One cell. Text that a spreadsheet would run as a formula is led by an apostrophe; numbers are left
 * as they are, for they are ours.
 */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = cleanText(typeof value === 'string' ? value : value.join(LIST_SEPARATOR));
  const safe = /^[\s\u00A0\uFEFF]*[=+\-@|\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r\n]/.test(text)
    ? `'${text}`
    : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What no text file should hold: control characters but tab and line ends, and half surrogate pairs. */
export function cleanText(text: string): string {
  return text.replace(/[^\P{Cc}\t\r\n]|\p{Cs}/gu, '\uFFFD');
}
