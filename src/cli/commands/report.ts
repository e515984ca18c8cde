import { resolve } from 'node:path';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult, storedPolicy } from '../finish-run.ts';
import type { Terminal } from '../terminal.ts';

export const addReport: AddCommand = (program, { terminal, action }) => {
  program
    .command('report <run>')
    .description('make summary.json and index.html of a run anew from its journal')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples('safelight report reports/today'))
    .action(
      action((run: string, options: { json?: boolean }) =>
        report(run, options.json === true, terminal),
      ),
    );
};

async function report(run: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const result = await finishRun(folder, await storedPolicy(folder), terminal);
  printResult(result, terminal, json);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}
