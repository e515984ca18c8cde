import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { scoreMedia } from '../../run/score-media.ts';
import { type AddCommand, examples } from '../command.ts';
import { chooseDetectors, DEFAULT_DETECTORS, DETECTORS_HELP } from '../detector-choice.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult } from '../finish-run.ts';
import { collectMedia } from '../media-inputs.ts';
import { mediaLimits, openStoredMedia } from '../open-stored-media.ts';
import { addConcurrencyOption, type ConcurrencyOption, folderMode } from '../options.ts';
import { loadPolicyByName } from '../policies.ts';
import { printFiles } from '../print-files.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { versions } from '../version.ts';
import { addVideoOptions, type VideoOptions, videoSettingsOf } from '../video-options.ts';
import { closeAll } from '../wiring.ts';

interface ScoreOptions extends VideoOptions, ConcurrencyOption {
  readonly out: string;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly detectors: readonly string[];
  readonly policy: string;
  readonly json?: boolean;
}

export const addScore: AddCommand = (program, { terminal, action }) => {
  const command = program
    .command('score <media...>')
    .description('look at pictures and videos that are already on disk')
    .option('--out <folder>', 'where to write the run', 'reports/score')
    .addOption(new Option('--resume', 'go on with an interrupted run').conflicts('force'))
    .option('--force', 'delete the run in that folder first')
    .option('--detectors <names...>', DETECTORS_HELP, DEFAULT_DETECTORS)
    .option('--policy <name>', 'id of a shipped policy, or a path', 'default');
  addConcurrencyOption(addVideoOptions(command))
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      `\nFiles, folders, or a manifest: CSV or JSONL with the columns path, prompt, intent, hazards,
carrier, family, endpoint, seed. Without prompts there is no intent, and so no harm rate.\n${examples(
        'safelight score pictures/ clip.mp4',
        'safelight score outputs.csv --out reports/outputs',
      )}`,
    )
    .action(action((paths: string[], options: ScoreOptions) => score(paths, options, terminal)));
};

async function score(
  paths: readonly string[],
  options: ScoreOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const out = resolve(terminal.cwd, options.out);
  const policy = await loadPolicyByName(options.policy, (path) => join(terminal.cwd, path));
  const { items, ignored } = await collectMedia(paths, terminal.cwd);
  if (ignored > 0) {
    terminal.err(`Left out ${ignored} file${ignored === 1 ? '' : 's'} that are not media by name.`);
  }
  const limits = mediaLimits(options.frames);
  const detectors = await chooseDetectors(options.detectors, ['files'], terminal);
  const progress = createProgress('score', terminal, options.json === true);
  progress.start(items.length);
  try {
    const { finished } = await scoreMedia({
      name: 'score',
      folder: out,
      mode: folderMode(options),
      items,
      detectors,
      openMedia: openStoredMedia(limits, terminal),
      video: videoSettingsOf(options),
      maxBytes: limits.maxBytes,
      versions: await versions(),
      detectConcurrency: options.concurrency,
      signal: terminal.signal,
      now: () => new Date(),
      onScored: () => progress.advance(),
    });
    if (!finished) {
      terminal.err('Interrupted. Go on with the same command and --resume.');
      return EXIT.interrupted;
    }
  } finally {
    progress.stop();
    await closeAll(detectors);
  }
  const result = await finishRun(out, policy, terminal);
  if (options.json !== true) await printFiles(out, policy, terminal);
  printResult(result, terminal, options.json === true);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}
