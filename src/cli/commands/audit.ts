import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Option } from 'commander';
import { readAudit } from '../../audit/audit-journal.ts';
import { parseAuditPipeline } from '../../audit/audit-pipeline.ts';
import { runAudit } from '../../audit/run-audit.ts';
import { summariseAudit } from '../../audit/summarise-audit.ts';
import { formatPosition, SafelightError } from '../../core/errors.ts';
import { yamlLines } from '../../core/parse-yaml.ts';
import { runFolder } from '../../run/run-folder.ts';
import { toStorageError } from '../../store/storage-error.ts';
import { createFilters } from '../audit-filters.ts';
import { createMediaOpener } from '../audit-media.ts';
import { planAudit } from '../audit-plan.ts';
import { writeAuditReport } from '../audit-report.ts';
import { openSources } from '../audit-sources.ts';
import { printAudit } from '../audit-table.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { ffmpegTools } from '../ffmpeg-tools.ts';
import { folderMode } from '../options.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { versions } from '../version.ts';
import { closeAll } from '../wiring.ts';

interface AuditOptions {
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const addAudit: AddCommand = (program, { terminal, action }) => {
  program
    .command('audit <pipeline>')
    .description('measure safety filters on labelled prompts and media')
    .option('--out <folder>', 'where to write the audit (default: reports/<name>)')
    .addOption(new Option('--resume', 'go on with an interrupted audit').conflicts('force'))
    .option('--force', 'delete the audit in that folder first')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `\nThe pipeline names filters and labels; docs/auditing.md describes it.\n${examples(
        'safelight audit pipelines/audit-demo.yaml',
        'safelight audit my-filters.yaml --out reports/filters --resume',
      )}`,
    )
    .action(action((file: string, options: AuditOptions) => audit(file, options, terminal)));
};

async function audit(file: string, options: AuditOptions, terminal: Terminal): Promise<ExitCode> {
  const path = resolve(terminal.cwd, file);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new SafelightError(`cannot read the pipeline ${file}`, {
      code: 'pipeline_missing',
      kind: 'usage',
      hint: 'Name a YAML file; pipelines/audit-demo.yaml is an example.',
      cause,
    });
  });
  const pipeline = parseAuditPipeline(text, file);
  const folder = dirname(path);
  const out = resolve(terminal.cwd, options.out ?? join('reports', pipeline.name));
  const lineOf = yamlLines(text);
  const sources = await openSources(pipeline, folder, terminal);
  const plan = await planAudit(pipeline);
  const filters = await createFilters(
    pipeline.filters,
    (index) => `${formatPosition({ file, line: lineOf(['filters', index]) })}: filters[${index}]`,
    folder,
    terminal,
  );
  const samples = sources.flatMap((source) => source.samples);
  const concurrency = Math.max(2, availableParallelism());
  let progress = createProgress('audit', terminal, options.json === true);
  const openSample = createMediaOpener(pipeline.frames, terminal);
  try {
    const { finished } = await runAudit({
      name: pipeline.name,
      folder: out,
      mode: folderMode(options),
      filters,
      samples,
      robustness: plan.robustness,
      searches: plan.searches,
      augmentations: plan.augmentations,
      seed: pipeline.seed,
      settings: { frames: pipeline.frames },
      openMedia: openSample,
      ffmpeg: () => ffmpegTools(terminal),
      concurrency,
      versions: await versions(),
      signal: terminal.signal,
      now: () => new Date(),
      clock: () => performance.now(),
      onPlanned: (steps) => progress.start(steps),
      onStep: () => progress.advance(),
      onSearch: (filter, count) => {
        progress.stop();
        progress = createProgress(`search ${filter}`, terminal, options.json === true);
        progress.start(count);
      },
      onSearched: () => progress.advance(),
    });
    progress.stop();
    if (!finished) {
      terminal.err('Interrupted. Go on with the same command and --resume.');
      return EXIT.interrupted;
    }
    const summary = summariseAudit({
      pipeline,
      filters,
      sources,
      records: await readAudit(runFolder(out).journal),
      perturbations: plan.robustness.media,
      textVariants: plan.robustness.prompts,
      searches: plan.searches,
      concurrency,
    });
    try {
      await writeFile(runFolder(out).summary, `${JSON.stringify(summary, null, 2)}\n`);
      await writeAuditReport(runFolder(out).report, summary, samples, openSample, terminal.signal);
    } catch (error) {
      throw toStorageError(error, 'the audit');
    }
    if (options.json === true) terminal.out(JSON.stringify(summary, null, 2));
    else {
      printAudit(summary, terminal);
      for (const warning of summary.audit.warnings) terminal.err(`warning: ${warning}`);
      terminal.out(`\nReport: ${runFolder(out).report}`);
    }
    return summary.audit.valid ? EXIT.done : EXIT.notValid;
  } finally {
    progress.stop();
    await closeAll(filters.map(({ detector }) => detector));
  }
}
