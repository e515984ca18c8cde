import { resolve } from 'node:path';
import { detectAgain } from '../../run/detect-again.ts';
import { runFolder } from '../../run/run-folder.ts';
import { openRun } from '../../store/run-reader.ts';
import { type AddCommand, examples } from '../command.ts';
import { chooseDetectors, DEFAULT_DETECTORS, DETECTORS_HELP } from '../detector-choice.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, printResult, storedPolicy } from '../finish-run.ts';
import { mediaLimits, openStoredMedia } from '../open-stored-media.ts';
import { addConcurrencyOption, type ConcurrencyOption } from '../options.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { addVideoOptions, type VideoOptions, videoSettingsOf } from '../video-options.ts';
import { closeAll } from '../wiring.ts';

interface DetectOptions extends VideoOptions, ConcurrencyOption {
  readonly detectors: readonly string[];
  readonly json?: boolean;
}

export const addDetect: AddCommand = (program, { terminal, action }) => {
  const command = program
    .command('detect <run>')
    .description("look at a run's stored media again, without generating anything")
    .option('--detectors <names...>', DETECTORS_HELP, DEFAULT_DETECTORS);
  addConcurrencyOption(addVideoOptions(command))
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', examples('safelight detect reports/today --detectors nsfwjs'))
    .action(action((run: string, options: DetectOptions) => detect(run, options, terminal)));
};

async function detect(run: string, options: DetectOptions, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const policy = await storedPolicy(folder);
  const detectors = await chooseDetectors(options.detectors, await endpointKinds(folder), terminal);
  const progress = createProgress('detect', terminal, options.json === true);
  try {
    const { finished, withoutMedia } = await detectAgain({
      folder,
      detectors,
      openMedia: openStoredMedia(mediaLimits(options.frames), terminal),
      video: videoSettingsOf(options),
      detectConcurrency: options.concurrency,
      signal: terminal.signal,
      now: () => new Date(),
      onPlanned: (trials) => progress.start(trials),
      onDetected: () => progress.advance(),
    });
    progress.stop();
    if (withoutMedia > 0) {
      terminal.err(`${withoutMedia} trials keep their earlier findings: their media is gone.`);
    }
    if (!finished) {
      terminal.err('Interrupted. Go on with the same command.');
      return EXIT.interrupted;
    }
  } finally {
    progress.stop();
    await closeAll(detectors);
  }
  const result = await finishRun(folder, policy, terminal);
  printResult(result, terminal, options.json === true);
  return result.summary.run.valid ? EXIT.done : EXIT.notValid;
}

async function endpointKinds(folder: string): Promise<string[]> {
  const reader = await openRun(runFolder(folder).journal);
  try {
    return reader.endpoints.map(({ kind }) => kind);
  } finally {
    await reader.close();
  }
}
