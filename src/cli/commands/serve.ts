import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { runFolder } from '../../run/run-folder.ts';
import { type AddCommand, examples } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { wholeNumber } from '../options.ts';
import { runViewer, type ViewerFlags } from '../run-viewer.ts';
import type { Terminal } from '../terminal.ts';
import { viewedRuns } from '../viewed-run.ts';

export const addServe: AddCommand = (program, { terminal, action }) => {
  program
    .command('serve [folders...]')
    .description('look at one run, or at all runs of a folder, in a browser on this machine')
    .option(
      '--host <name>',
      'address to listen on; another than this machine needs a password',
      '127.0.0.1',
    )
    .option(
      '--port <number>',
      'port to listen on; 0: any that is free',
      wholeNumber('--port', 0, 65_535),
      0,
    )
    .option('--password-env <name>', 'environment variable that holds the password')
    .option('--json', 'print the address as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight serve reports',
        'safelight serve reports/today --port 8400',
        'safelight serve reports/today /mnt/other/today',
      ),
    )
    .action(
      action((folders: string[], flags: ViewerFlags) =>
        serve(folders.length > 0 ? folders : ['reports'], flags, terminal),
      ),
    );
};

async function serve(
  given: readonly string[],
  flags: ViewerFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const found = await Promise.all(given.map((folder) => runsIn(resolve(terminal.cwd, folder))));
  const folders = [...new Set(found.flat())];
  return runViewer(viewedRuns(folders, terminal), flags, terminal, undefined);
}

/** The folder itself, or those in it that hold a run; links are not followed. */
async function runsIn(folder: string): Promise<string[]> {
  if (existsSync(runFolder(folder).journal)) return [folder];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const runs = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .filter((path) => existsSync(runFolder(path).journal));
  if (runs.length > 0) return runs.toSorted();
  throw new SafelightError('there is no run in this folder', {
    code: 'no_runs',
    kind: 'input',
    hint: 'Name a folder that `safelight run` or `safelight score` wrote, or one that holds such folders.',
  });
}
