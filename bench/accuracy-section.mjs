// Writes a table into docs/accuracy.md, between the markers of its section.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { wilson } from '../dist/metrics/wilson.js';

const FILE = fileURLToPath(new URL('../docs/accuracy.md', import.meta.url));

/** Replaces what stands between the markers; adds the section at the end where there is none. */
export function writeSection(name, text) {
  const begin = `<!-- ${name}: begin -->`;
  const end = `<!-- ${name}: end -->`;
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '# Accuracy\n';
  const section = `${begin}\n\n${text.trim()}\n\n${end}`;
  const from = before.indexOf(begin);
  const to = before.indexOf(end);
  const after =
    from >= 0 && to > from
      ? before.slice(0, from) + section + before.slice(to + end.length)
      : `${before.trimEnd()}\n\n${section}\n`;
  writeFileSync(FILE, after);
}

/** `48/184 = 26.1 % (20.3–32.9)`. */
export function share(hits, all) {
  if (all === 0) return 'none';
  const { low, high } = wilson(hits, all);
  const percent = (value) => (100 * value).toFixed(1);
  return `${hits}/${all} = ${percent(hits / all)} % (${percent(low)}–${percent(high)})`;
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
