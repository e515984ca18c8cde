import { resolve } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { importSuite } from '../../suites/importers/import-suite.ts';
import { IMPORTER_NAMES, loadImporter } from '../../suites/importers/registry.ts';
import { manifestPathOf, updateManifest } from '../../suites/manifest.ts';
import { listSuites } from '../../suites/open-suite.ts';
import type { SuiteReport } from '../../suites/suite.ts';
import { validateSuite } from '../../suites/validate-suite.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { openSuiteFrom, shippedSuites } from '../prompt-source.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface JsonOption {
  readonly json?: boolean;
}

export const addSuites: AddCommand = (program, { terminal, action }) => {
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
    .option('--out <folder>', 'where to write it (default: a folder named after the suite)')
    .option('--dry-run', 'report what would be read and skipped, write nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nImporters: ${IMPORTER_NAMES.join(', ')}\n${examples(
        'safelight suites import overt OVERT_unsafe.csv --out my-suites/overt-unsafe',
      )}`,
    )
    .action(
      action((name: string, file: string, options: ImportOptions) =>
        importFile(name, file, options, terminal),
      ),
    );
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
}

async function importFile(
  name: string,
  file: string,
  options: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = resolve(terminal.cwd, file);
  const folder = options.out ?? (await (await loadImporter(name)).detect(path)).suite;
  const result = await importSuite(name, path, {
    out: resolve(terminal.cwd, folder),
    dryRun: options.dryRun === true,
  });
  if (options.json === true) {
    terminal.out(JSON.stringify(result));
    return EXIT.done;
  }
  terminal.out(`${result.prompts} prompts in ${result.families} families`);
  for (const { reason, count } of result.skipped) terminal.out(`  ${count} skipped: ${reason}`);
  terminal.out(
    options.dryRun === true
      ? 'Nothing was written (--dry-run).'
      : `Written to ${folder}; name that folder under "suites" in a pipeline.`,
  );
  return EXIT.done;
}
