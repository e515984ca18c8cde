import { resolve } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import {
  type ColumnMapping,
  extendColumnMapping,
  readColumnMapping,
} from '../../suites/importers/column-mapping.ts';
import { type ImportResult, importSuite } from '../../suites/importers/import-suite.ts';
import { findSource, pullDataset } from '../../suites/importers/pull.ts';
import { IMPORTER_NAMES, loadImporter } from '../../suites/importers/registry.ts';
import { DATASET_SOURCES } from '../../suites/importers/sources.ts';
import { manifestPathOf, updateManifest } from '../../suites/manifest.ts';
import { listSuites } from '../../suites/open-suite.ts';
import type { SuiteReport } from '../../suites/suite.ts';
import { validateSuite } from '../../suites/validate-suite.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { openSuiteFrom, shippedSuites } from '../prompt-source.ts';
import { addCrosswalk } from '../suites-crosswalk.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface JsonOption {
  readonly json?: boolean;
}

export const addSuites: AddCommand = (program, context) => {
  const { terminal, action } = context;
  const command = program
    .command('suites')
    .description('the prompts: list, check and import them')
    .addHelpText('after', examples('safelight suites list', 'safelight suites show starter'));
  command
    .command('list')
    .description('list the suites that ship with Safelight')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight suites list'))
    .action(action((options: JsonOption) => list(options.json === true, terminal)));
  command
    .command('show <suite>')
    .description('what a suite holds; its prompts only with --prompts')
    .option('--prompts', 'print the prompts themselves')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight suites show starter'))
    .action(
      action((reference: string, options: JsonOption & { prompts?: boolean }) =>
        show(reference, options.prompts === true, options.json === true, terminal),
      ),
    );
  command
    .command('validate <suite...>')
    .description('check suites: format, twins, duplicates, the minors guard')
    .option('--fix', 'write the present hash and counts into the manifest first')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('safelight suites validate starter my-prompts.jsonl'))
    .action(
      action((references: string[], options: JsonOption & { fix?: boolean }) =>
        validate(references, options.fix === true, options.json === true, terminal),
      ),
    );
  command
    .command('import <importer> <file>')
    .description('turn a published data set into a suite')
    .option('--map <mapping...>', 'for "generic": a YAML file, or column=field pairs')
    .option('--set <field=value...>', 'for "generic": a value for all rows, such as intent=harmful')
    .option('--out <folder>', 'where to write it (default: a folder named after the suite)')
    .option('--dry-run', 'report what would be read and skipped, write nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nImporters: ${IMPORTER_NAMES.join(', ')}\n${examples(
        'safelight suites import overt OVERT_unsafe.csv --out my-suites/overt-unsafe',
        'safelight suites import generic mine.csv --map question=text --set intent=harmful hazard=hate',
      )}`,
    )
    .action(
      action((name: string, file: string, options: ImportOptions) =>
        importFile(name, file, options, terminal),
      ),
    );
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
  addCrosswalk(command, context);
};

async function list(json: boolean, terminal: Terminal): Promise<ExitCode> {
  const suites = await listSuites(shippedSuites());
  if (json) terminal.out(JSON.stringify(suites, null, 2));
  else {
    printTable(
      ['id', 'version', 'prompts', 'families', 'title'],
      suites.map(({ id, version, counts, title }) => [
        id,
        version,
        String(counts?.prompts ?? 'not counted'),
        String(counts?.families ?? 'not counted'),
        title,
      ]),
      terminal,
    );
  }
  return EXIT.done;
}

async function show(
  reference: string,
  withPrompts: boolean,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const suite = await openSuiteFrom(reference, terminal.cwd);
  if (withPrompts) {
    for await (const prompt of suite.prompts()) {
      terminal.out(
        json
          ? JSON.stringify(prompt)
          : [prompt.id, prompt.intent, prompt.hazards[0] ?? '–', prompt.text].join('\t'),
      );
    }
    return EXIT.done;
  }
  const report = await validateSuite(suite.path);
  if (json) {
    const { problems: _problems, ...counts } = report;
    terminal.out(JSON.stringify({ manifest: suite.manifest, ...counts }, null, 2));
    return EXIT.done;
  }
  const { manifest } = suite;
  terminal.out(`${manifest.id} ${manifest.version}: ${manifest.title} (${manifest.licence})`);
  terminal.out(`${manifest.description.trim()}\n`);
  printCounts(report, terminal);
  return EXIT.done;
}

function printCounts(report: SuiteReport, terminal: Terminal): void {
  printTable(
    ['', 'prompts'],
    [
      ['all', String(report.prompts)],
      ['families', String(report.families)],
      ...Object.entries(report.byIntent).map(([intent, count]) => [intent, String(count)]),
      ...Object.entries(report.byHazard).map(([hazard, count]) => [`  ${hazard}`, String(count)]),
    ],
    terminal,
  );
}

async function validate(
  references: readonly string[],
  fix: boolean,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const reports: (SuiteReport & { readonly suite: string })[] = [];
  for (const reference of references) {
    if (fix) await fixManifest(reference, terminal);
    // A file whose hash is stale can still be checked: that is one of the problems to report.
    const path = /\.jsonl$/i.test(reference)
      ? resolve(terminal.cwd, reference)
      : (await openSuiteFrom(reference, terminal.cwd)).path;
    reports.push({ suite: reference, ...(await validateSuite(path)) });
  }
  if (json) terminal.out(JSON.stringify(reports, null, 2));
  else {
    for (const { suite, prompts, families, problems } of reports) {
      for (const { file, line, problem } of problems) {
        terminal.err(`${line === undefined ? file : `${file}:${line}`}: ${problem}`);
      }
      const verdict = problems.length === 0 ? 'ok' : `${problems.length} problems`;
      terminal.out(`${suite}: ${prompts} prompts in ${families} families, ${verdict}`);
    }
  }
  return reports.every(({ problems }) => problems.length === 0) ? EXIT.done : EXIT.gateFailed;
}

/** A manifest names the bytes of its prompts: after an edit it must be written anew. */
async function fixManifest(reference: string, terminal: Terminal): Promise<void> {
  if (!/\.jsonl$/i.test(reference)) {
    throw new SafelightError('--fix takes the path of a .jsonl file with its manifest beside it', {
      code: 'fix_needs_path',
      kind: 'usage',
      hint: 'Such as prompts/starter.jsonl.',
    });
  }
  const path = resolve(terminal.cwd, reference);
  const { prompts, families } = await validateSuite(path);
  await updateManifest(manifestPathOf(path), { prompts, families });
}

interface ImportOptions extends JsonOption {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly map?: readonly string[];
  readonly set?: readonly string[];
}

async function importFile(
  name: string,
  file: string,
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = resolve(terminal.cwd, file);
  const mapping = await mappingFrom(options, terminal.cwd);
  const importer = await loadImporter(name, mapping === undefined ? {} : { mapping });
  const folder = options.out ?? (await importer.detect(path)).suite;
  const result = await importSuite(name, path, {
    out: resolve(terminal.cwd, folder),
    dryRun: options.dryRun === true,
    ...(mapping === undefined ? {} : { mapping }),
  });
  if (options.json === true) {
    terminal.out(JSON.stringify(result));
    return EXIT.done;
  }
  printImport(result, terminal);
  if (options.dryRun === true) terminal.out('Nothing was written (--dry-run).');
  else if (result.rowsKept === 0) terminal.out('Nothing was written: no row was kept.');
  else if (result.prompts === 0) terminal.out(`Written to ${folder}: labels, and no prompts.`);
  else terminal.out(`Written to ${folder}; name that folder under "suites" in a pipeline.`);
  return EXIT.done;
}

/** A YAML file first, then the pairs over it. */
async function mappingFrom(
  { map = [], set = [] }: ImportOptions,
  cwd: string,
): Promise<ColumnMapping | undefined> {
  if (map.length === 0 && set.length === 0) return undefined;
  const files = map.filter((item) => /\.ya?ml$/i.test(item));
  const pairs = map.filter((item) => !files.includes(item));
  const [file] = files;
  const base = file === undefined ? undefined : await readColumnMapping(resolve(cwd, file));
  return extendColumnMapping(base, pairs, set);
}

function printImport(result: ImportResult, terminal: Terminal): void {
  const { dataset, licence, rows, publishedRows } = result;
  const stated =
    publishedRows === undefined || publishedRows === rows
      ? ''
      : `, its authors state ${publishedRows}`;
  terminal.out(`${dataset} (${licence}): ${rows} rows${stated}`);
  terminal.out(`${result.prompts} prompts in ${result.families} families`);
  for (const [hazard, count] of Object.entries(result.byHazard)) {
    terminal.out(`  ${count} ${hazard}`);
  }
  if (result.media > 0) terminal.out(`${result.media} labelled media`);
  for (const { reason, count } of result.skipped) {
    terminal.out(`  ${count} skipped: ${reason}`);
    for (const item of result.details.filter((one) => one.reason === reason)) {
      const where = item.line === undefined ? '' : `, first on line ${item.line}`;
      terminal.out(`    ${item.count} × ${item.detail}${where}`);
    }
  }
}

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
