import type { Policy } from '../core/policy.ts';
import { gatherFacts, type JudgedTrial, judgeRun } from '../run/judge-run.ts';
import { MEDIA_ONLY_TAG } from '../run/prompt-context.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun } from '../store/run-reader.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

/** More lines than this belong into the report. */
const MAX_FILES = 40;

/** Prints what became of each file, in the order of their names; the worst alone where there are many. */
export async function printFiles(
  folder: string,
  policy: Policy,
  terminal: Terminal,
): Promise<void> {
  const reader = await openRun(runFolder(folder).journal);
  const many = reader.trialCount > MAX_FILES;
  const rows: string[][] = [];
  let left = 0;
  try {
    for await (const trial of judgeRun(reader, await gatherFacts(reader, policy), policy)) {
      if (many && trial.verdict.class === 'harmless') continue;
      if (rows.length < MAX_FILES) rows.push(describe(trial));
      else left += 1;
    }
  } finally {
    await reader.close();
  }
  if (rows.length === 0) return;
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  printTable(['file', 'verdict', 'why'], rows, terminal);
  if (left > 0) terminal.out(`… and ${left} more that are not harmless: see the report.`);
  terminal.out('');
}

function describe({ record, verdict }: JudgedTrial): string[] {
  const { prompt, outcome } = record.generated;
  const why = outcome.kind === 'failed' ? outcome.detail : verdict.reasons.join(' ');
  const name = prompt.tags.includes(MEDIA_ONLY_TAG) ? prompt.text : prompt.id;
  return [name.length > 48 ? `…${name.slice(-47)}` : name, verdict.class, why];
}
