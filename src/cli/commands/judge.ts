import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Policy } from '../../core/policy.ts';
import { withSuggestedThresholds } from '../../judge/policy.ts';
import { summaryTable } from '../../report/print-table.ts';
import { gatherFacts, summariseRun } from '../../run/judge-run.ts';
import { runFolder } from '../../run/run-folder.ts';
import { bundlePolicy, isBundle } from '../../run/verify-bundle.ts';
import { openRun } from '../../store/run-reader.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult } from '../finish-run.ts';
import { openBundle } from '../open-bundle.ts';
import { loadPolicyByName } from '../policies.ts';
import { labelsOfRun } from '../run-labels.ts';
import type { Terminal } from '../terminal.ts';

interface JudgeOptions {
  /** Default: the shipped one; of a bundle its own. */
  readonly policy?: string;
  readonly labels?: string;
  readonly json?: boolean;
}

export const addJudge: AddCommand = (program, { terminal, action }) => {
  program
    .command('judge <run>')
    .description('decide the verdicts of a run or audit bundle again, under another policy')
    .option(
      '--policy <name>',
      'id of a shipped policy, or a path (default: "default"; of an audit bundle its own)',
    )
    .option('--labels <file>', 'labels.jsonl or a CSV file, instead of the labels in the folder')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight judge reports/today --policy strict.yaml',
        'safelight judge reports/today --labels labels.csv',
        'safelight judge bundle.tar.gz',
      ),
    )
    .action(action((run: string, options: JudgeOptions) => judge(run, options, terminal)));
};

async function judge(run: string, options: JudgeOptions, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  if (await isBundlePath(folder)) return judgeBundle(folder, options, terminal);
  const policy = await namedPolicy(options.policy ?? 'default', terminal);
  const result = await finishRun(folder, policy, terminal, options.labels);
  printResult(result, terminal, options.json === true);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}

function namedPolicy(name: string, terminal: Terminal): Promise<Policy> {
  return loadPolicyByName(name, (path) => join(terminal.cwd, path));
}

async function isBundlePath(path: string): Promise<boolean> {
  if (isBundle(path)) return true;
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true;
}

/** A bundle is evidence: its verdicts are decided again and nothing in it is written. */
async function judgeBundle(
  path: string,
  options: JudgeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const bundle = await openBundle(path);
  try {
    const reader = await openRun(runFolder(bundle.folder).journal);
    try {
      const policy =
        options.policy === undefined
          ? await bundlePolicy(bundle.folder)
          : withSuggestedThresholds(await namedPolicy(options.policy, terminal), reader.detectors);
      const labels =
        options.labels === undefined
          ? undefined
          : await labelsOfRun(reader, options.labels, terminal);
      const summary = await summariseRun(reader, await gatherFacts(reader, policy, labels), policy);
      terminal.out(
        options.json === true
          ? JSON.stringify(summary, null, 2)
          : summaryTable(summary, { widthColumns: terminal.widthColumns }),
      );
      return summary.run.valid ? EXIT.done : EXIT.notValid;
    } finally {
      await reader.close();
    }
  } finally {
    await bundle.close();
  }
}
