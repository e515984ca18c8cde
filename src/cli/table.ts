import Table from 'cli-table3';
import type { Terminal } from './terminal.ts';

/** Prints a plain table that fits the terminal: the last column wraps. */
export function printTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const fixed = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const last = widths.at(-1) ?? 0;
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
    colWidths: [
      ...widths.slice(0, -1).map((width) => width + 2),
      Math.max(20, Math.min(last + 2, terminal.widthColumns - fixed)),
    ],
    wordWrap: true,
  });
  table.push(...rows.map((row) => [...row]));
  terminal.out(
    table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n'),
  );
}
