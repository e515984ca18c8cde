import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { assertNever } from '../../core/assert-never.ts';
import { trialColumns } from '../../report/export/trial-columns.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { manifestText } from '../finish-run.ts';
import { type JudgedRun, openJudged } from '../open-judged.ts';
import type { Terminal } from '../terminal.ts';
import { requireFree, writeAside, writeText } from '../write-output.ts';

const FORMATS = [
  'csv',
  'jsonl',
  'parquet',
  'hf',
  'junit',
  'markdown',
  'latex',
  'svg',
  'png',
  'bundle',
] as const;
type Format = (typeof FORMATS)[number];

interface ExportOptions {
  readonly to: Format;
  readonly out: string;
  /** False with `--no-prompts`. */
  readonly prompts: boolean;
  readonly withMedia?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export const addExport: AddCommand = (program, { terminal, action }) => {
  program
    .command('export <run>')
    .description('write a run in another form: trials, tables, figures or an audit bundle')
    .addOption(new Option('--to <format>', 'what to write').choices(FORMATS).makeOptionMandatory())
    .requiredOption('--out <path>', 'file to write; for hf, svg, png and bundle a folder')
    .option('--no-prompts', 'leave the texts of prompts out; their hashes stay')
    .option('--with-media', 'with hf: copy the media itself into the folder')
    .option('--force', 'replace what stands there')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'safelight export reports/today --to csv --out trials.csv',
        'safelight export reports/today --to latex --out table.tex',
        'safelight export reports/today --to bundle --out bundle.tar.gz --no-prompts',
      ),
    )
    .action(action((run: string, options: ExportOptions) => exportRun(run, options, terminal)));
};

async function exportRun(
  run: string,
  options: ExportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const target = resolve(terminal.cwd, options.out);
  requireFree(target, options.force === true);
  const judged = await openJudged(resolve(terminal.cwd, run));
  try {
    let note = '';
    await writeAside(target, async (temporary) => {
      note = await write(temporary, judged, options, terminal);
    });
    const { trialCount } = judged.reader;
    if (options.json === true) {
      terminal.out(JSON.stringify({ format: options.to, out: target, trials: trialCount }));
    } else {
      terminal.out(`Wrote ${options.out} (${options.to}, ${trialCount} trials).${note}`);
    }
    return EXIT.done;
  } finally {
    await judged.reader.close();
  }
}

/** Returns what else the user should know. */
async function write(
  target: string,
  run: JudgedRun,
  options: ExportOptions,
  terminal: Terminal,
): Promise<string> {
  const columns = trialColumns({
    runId: run.reader.started.runId,
    detectors: run.reader.detectors,
    withPrompts: options.prompts,
  });
  // Only what is asked for is loaded: drawing and Parquet take longer than writing a table.
  switch (options.to) {
    case 'csv': {
      const { csvLines } = await import('../../report/export/csv.ts');
      await writeText(target, csvLines(columns, run.trials()));
      return '';
    }
    case 'jsonl': {
      const { jsonLines } = await import('../../report/export/jsonl.ts');
      await writeText(target, jsonLines(columns, run.trials()));
      return '';
    }
    case 'parquet': {
      const { writeParquet } = await import('../../report/export/parquet.ts');
      await writeParquet(target, columns, run.trials());
      return '';
    }
    case 'hf': {
      const { writeDataSet } = await import('../export-data-set.ts');
      if (options.withMedia === true) {
        terminal.err(
          'warning: the folder will hold generated media, some of it perhaps disturbing or unlawful to pass on; purge does not reach it.',
        );
      }
      await writeDataSet(target, run, columns, options.withMedia === true);
      return '';
    }
    case 'junit': {
      const { junitLines } = await import('../../report/export/junit.ts');
      await writeText(target, junitLines(run.reader.started.runId, run.trials));
      return '';
    }
    case 'markdown': {
      const { toMarkdown } = await import('../../report/export/markdown.ts');
      await writeText(target, [toMarkdown(run.summary)]);
      return '';
    }
    case 'latex': {
      const { toLatex } = await import('../../report/export/latex.ts');
      await writeText(target, [toLatex(run.summary)]);
      return '';
    }
    case 'svg':
    case 'png': {
      const { writeFigures } = await import('../export-figures.ts');
      return ` ${await writeFigures(target, run, options.to)} figures.`;
    }
    case 'bundle':
      return writeBundleTo(target, run, options);
    default:
      return assertNever(options.to);
  }
}

async function writeBundleTo(
  target: string,
  { reader, policy }: JudgedRun,
  { out, prompts }: ExportOptions,
): Promise<string> {
  const [{ writeBundle }, { packBundle }] = await Promise.all([
    import('../../run/write-bundle.ts'),
    import('../open-bundle.ts'),
  ]);
  const packed = /\.(?:tar\.gz|tgz)$/.test(out);
  const folder = packed ? `${target}.files` : target;
  try {
    const digest = await writeBundle(folder, {
      folder: reader.folder,
      policy,
      manifest: manifestText(reader, policy),
      withPrompts: prompts,
    });
    if (packed) await packBundle(folder, target);
    return `\nDigest: ${digest}`;
  } finally {
    if (packed) await rm(folder, { recursive: true, force: true });
  }
}
