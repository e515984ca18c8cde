import { join, resolve } from 'node:path';
import { runFolder } from '../../run/run-folder.ts';
import { type LabelSet, loadLabels } from '../../store/labels.ts';
import { openRun } from '../../store/run-reader.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult } from '../finish-run.ts';
import { loadPolicyByName } from '../policies.ts';
import type { Terminal } from '../terminal.ts';

interface JudgeOptions {
  readonly policy: string;
  readonly labels?: string;
  readonly json?: boolean;
}

export const addJudge: AddCommand = (program, { terminal, action }) => {
  program
    .command('judge <run>')
    .description('decide the verdicts of a run again, under another policy')
    .option('--policy <name>', 'id of a shipped policy, or a path', 'default')
    .option('--labels <file>', 'labels.jsonl or a CSV file, instead of the labels in the folder')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight judge reports/today --policy strict.yaml',
        'safelight judge reports/today --labels labels.csv',
      ),
    )
    .action(action((run: string, options: JudgeOptions) => judge(run, options, terminal)));
};

async function judge(run: string, options: JudgeOptions, terminal: Terminal): Promise<ExitCode> {
  const policy = await loadPolicyByName(options.policy, (path) => join(terminal.cwd, path));
  const folder = resolve(terminal.cwd, run);
  const labels = await labelsFrom(options.labels, folder, terminal);
  const result = await finishRun(folder, policy, terminal, labels);
  printResult(result, terminal, options.json === true);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}

async function labelsFrom(
  file: string | undefined,
  folder: string,
  terminal: Terminal,
): Promise<LabelSet | undefined> {
  if (file === undefined) return undefined;
  const reader = await openRun(runFolder(folder).journal);
  await reader.close();
  return loadLabels(resolve(terminal.cwd, file), reader.started.runId, file);
}
