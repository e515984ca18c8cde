import { resolve } from 'node:path';
import { findSource, pullDataset } from '../suites/importers/pull.ts';
import { DATASET_SOURCES } from '../suites/importers/sources.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** Adds `pull` below `suites`. */
export const addPull: AddCommand = (command, { terminal, action }) => {
  command
    .command('pull [dataset]')
    .description('download a published data set; without a name, list them with their licences')
    .option('--out <folder>', 'where to write it (default: data/<dataset>)')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight suites pull', 'safelight suites pull i2p'))
    .action(
      action((name: string | undefined, options: JsonOption & { out?: string }) =>
        name === undefined
          ? listSources(options.json === true, terminal)
          : pull(name, options, terminal),
      ),
    );
};

async function listSources(json: boolean, terminal: Terminal): Promise<ExitCode> {
  if (json) terminal.out(JSON.stringify(DATASET_SOURCES, null, 2));
  else {
    printTable(
      ['data set', 'importer', 'licence', 'files', 'page'],
      DATASET_SOURCES.map(({ dataset, importer, licence, files, homepage }) => [
        dataset,
        importer,
        licence,
        files.length === 0 ? 'by hand' : String(files.length),
        homepage,
      ]),
      terminal,
    );
  }
  return EXIT.done;
}

async function pull(
  name: string,
  options: JsonOption & { readonly out?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const source = findSource(name);
  const folder = options.out ?? `data/${source.importer}`;
  const say = (text: string): void => {
    if (options.json !== true) terminal.out(text);
  };
  say(`${source.dataset}, licence ${source.licence}, ${source.homepage}`);
  if (source.licence === 'NOASSERTION')
    say('Its authors name no licence: ask before you pass it on.');
  if (source.notice !== undefined) say(source.notice);
  const pulled = await pullDataset(name, {
    out: resolve(terminal.cwd, folder),
    signal: terminal.signal,
    huggingfaceToken: terminal.env.HF_TOKEN,
  });
  if (options.json === true) {
    terminal.out(JSON.stringify(pulled));
    return EXIT.done;
  }
  for (const { name: file, bytes, sha256 } of pulled.files) {
    terminal.out(`${file}  ${bytes} bytes  sha256 ${sha256}`);
  }
  terminal.out(`Written to ${folder}. Next: safelight suites import ${source.importer} <file>`);
  return EXIT.done;
}
