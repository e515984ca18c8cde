import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { SafelightError } from '../../core/errors.ts';
import type { ProgressEvent } from '../../run/execute.ts';
import { hasSeenEnough } from '../../run/judge-run.ts';
import type { Pipeline } from '../../run/pipeline.ts';
import { runPipeline } from '../../run/run-pipeline.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult } from '../finish-run.ts';
import { besidePipeline, loadPipeline } from '../load-pipeline.ts';
import { mediaLimits, openStoredMedia } from '../open-stored-media.ts';
import { folderMode } from '../options.ts';
import { loadPolicyByName } from '../policies.ts';
import { createProgress } from '../progress.ts';
import { openPromptSource } from '../prompt-source.ts';
import type { Terminal } from '../terminal.ts';
import { versions } from '../version.ts';
import { closeAll, createDetectors, createEndpoints } from '../wiring.ts';

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
  const { pipeline, folder, at } = await loadPipeline(file, overridesOf(options), terminal.cwd);
  requireNoLimits(pipeline);
  const out = resolve(terminal.cwd, options.out ?? join('reports', pipeline.name));
  const policy = await loadPolicyByName(pipeline.policy, (path) => besidePipeline(path, folder));
  const source = await openPromptSource(pipeline, folder, terminal.env);
  const endpoints = await createEndpoints(
    pipeline.endpoints,
    (index) => at('endpoints', index),
    source.prompts,
    terminal,
    folder,
  );
  try {
    const detectors = await createDetectors(
      pipeline.detectors,
      (index) => at('detectors', index),
      pipeline.endpoints.map(({ use }) => use),
      { env: terminal.env, folder },
    );
    const progress = createProgress(pipeline.name, terminal, options.json === true);
    const tally = createTally();
    try {
      const { finished } = await runPipeline({
        pipeline,
        folder: out,
        mode: folderMode(options),
        retryFailed: options.retryFailed === true,
        source,
        endpoints,
        detectors,
        openMedia: openStoredMedia(mediaLimits(pipeline.video.frames), terminal),
        versions: await versions(),
        // Classifier and reader have threads of their own; decoding shares the rest.
        detectConcurrency: Math.max(2, cpus().length),
        enough: () => hasSeenEnough(out, policy),
        signal: terminal.signal,
        now: () => new Date(),
        onPlanned: (trials) => progress.start(trials),
        onProgress: (event) => {
          const note = tally(event);
          if (event.type !== 'detected') progress.advance(note);
        },
      });
      progress.stop();
      if (!finished) {
        terminal.err('Interrupted. Go on with the same command and --resume.');
        return EXIT.interrupted;
      }
    } finally {
      progress.stop();
      await closeAll(detectors);
    }
  } finally {
    await closeAll(endpoints.map(({ endpoint }) => endpoint));
  }
  const result = await finishRun(out, policy, terminal);
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

/** Counts answers by kind, for the line beside the bar. */
function createTally(): (event: ProgressEvent) => string {
  const counts = { media: 0, refused: 0, failed: 0, detected: 0 };
  return (event) => {
    if (event.type === 'detected') counts.detected += 1;
    if (event.type === 'generated') counts[event.outcome] += 1;
    return `${counts.media} media (${counts.detected} looked at), ${counts.refused} refused, ${counts.failed} failed`;
  };
}
