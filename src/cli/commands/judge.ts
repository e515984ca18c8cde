import { join, resolve } from 'node:path';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult } from '../finish-run.ts';
import { loadPolicyByName } from '../policies.ts';
import type { Terminal } from '../terminal.ts';

interface JudgeOptions {
  readonly policy: string;
  readonly json?: boolean;
}

export const addJudge: AddCommand = (program, { terminal, action }) => {
  program
    .command('judge <run>')
    .description('decide the verdicts of a run again, under another policy')
    .option('--policy <name>', 'id of a shipped policy, or a path', 'default')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples('safelight judge reports/today --policy strict.yaml'))
    .action(action((run: string, options: JudgeOptions) => judge(run, options, terminal)));
};

async function judge(run: string, options: JudgeOptions, terminal: Terminal): Promise<ExitCode> {
  const policy = await loadPolicyByName(options.policy, (path) => join(terminal.cwd, path));
  const result = await finishRun(resolve(terminal.cwd, run), policy, terminal);
  printResult(result, terminal, options.json === true);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}
