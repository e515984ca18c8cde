import { resolve } from 'node:path';
import { purgeRun } from '../../run/purge.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, storedPolicy } from '../finish-run.ts';
import type { Terminal } from '../terminal.ts';

export const addPurge: AddCommand = (program, { terminal, action }) => {
  program
    .command('purge <run>')
    .description('delete the media of a run; hashes and numbers stay, the report is made anew')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight purge reports/today'))
    .action(
      action((run: string, options: { json?: boolean }) =>
        purge(run, options.json === true, terminal),
      ),
    );
};

async function purge(run: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const { deleted, folders } = await purgeRun(resolve(terminal.cwd, run), () => new Date());
  for (const folder of folders) await finishRun(folder, await storedPolicy(folder), terminal);
  if (json) {
    terminal.out(JSON.stringify({ deleted, reports: folders.length }));
  } else {
    terminal.out(`Deleted ${deleted} media; made ${folders.length} report(s) anew.`);
  }
  return EXIT.done;
}
