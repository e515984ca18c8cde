import { Option } from 'commander';
import { SafelightError } from '../../core/errors.ts';
import type { Pipeline } from '../../run/pipeline.ts';
import { type AddCommand, examples } from '../command.ts';
import { executePipeline } from '../execute-pipeline.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printResult } from '../finish-run.ts';
import { loadPipeline } from '../load-pipeline.ts';
import type { Terminal } from '../terminal.ts';

interface RunOptions {
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly retryFailed?: boolean;
  readonly until?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

export const addRun: AddCommand = (program, { terminal, action }) => {
  program
    .command('run <pipeline>')
    .description('send the prompts of a pipeline to its endpoints, and score what comes back')
    .option('--out <folder>', 'where to write the run (default: reports/<name>)')
    .addOption(new Option('--resume', 'go on with an interrupted run').conflicts('force'))
    .addOption(new Option('--force', 'delete the run in that folder first'))
    .option('--retry-failed', 'with --resume: ask again where infrastructure failed')
    .option(
      '--until <rule>',
      'stop once it is reached, such as harm.halfWidth=0.05 or harm.below=0.1',
    )
    .option('--set <key=value...>', 'override any key of the pipeline', [])
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight run pipelines/demo.yaml',
        'safelight run my.yaml --out reports/today --set seeds=[1,2,3]',
        'safelight run my.yaml --out reports/today --resume',
      ),
    )
    .action(action((file: string, options: RunOptions) => run(file, options, terminal)));
};

async function run(file: string, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const loaded = await loadPipeline(file, overridesOf(options), terminal.cwd);
  requireNoLimits(loaded.pipeline);
  const result = await executePipeline(loaded, options, terminal);
  if (result === undefined) return EXIT.interrupted;
  printResult(result, terminal, options.json === true);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}

function overridesOf({ set, until }: RunOptions): readonly string[] {
  if (until === undefined) return set;
  const [, metric, limit, value] = /^(\w+)\.(\w+)=([\d.]+)$/.exec(until) ?? [];
  if (metric === undefined) {
    throw new SafelightError(`--until ${until}: expected metric.limit=number`, {
      code: 'until_invalid',
      kind: 'usage',
      hint: 'Such as harm.halfWidth=0.05, harm.below=0.1 or overRefusal.above=0.2.',
    });
  }
  return [...set, `until={metric: ${metric}, ${limit}: ${value}}`];
}

/** A limit that stops one endpoint would leave the order of families with holes. */
function requireNoLimits({ until, endpoints }: Pipeline): void {
  const limited = endpoints.find(({ limits }) => limits !== undefined);
  if (until === undefined || limited === undefined) return;
  throw new SafelightError(
    `\`until\` and the limits of endpoint "${limited.id}" exclude each other`,
    {
      code: 'until_limits',
      kind: 'configuration',
      hint: 'Take one of the two out: families count only where every endpoint was asked.',
    },
  );
}
