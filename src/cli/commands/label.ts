import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { SafelightError } from '../../core/errors.ts';
import { HAZARD_IDS } from '../../core/hazard.ts';
import { didYouMean } from '../../core/nearest.ts';
import { INTENTS } from '../../core/prompt.ts';
import { VERDICTS } from '../../core/verdict.ts';
import { runFolder } from '../../run/run-folder.ts';
import { openRun } from '../../store/run-reader.ts';
import { createLabelStudy, type StudyItem } from '../../viewer/label-study.ts';
import { type AddCommand, examples } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type QueueFilter, queueOfFile, queueOfRun } from '../label-queue.ts';
import { addLabelTransfer } from '../label-transfer.ts';
import { wholeNumber } from '../options.ts';
import { runViewer, type ViewerFlags } from '../run-viewer.ts';
import type { Terminal } from '../terminal.ts';
import { viewedRun } from '../viewed-run.ts';

interface LabelFlags extends ViewerFlags, QueueFilter {
  readonly queue?: string;
  readonly labeller?: string;
}

export const addLabel: AddCommand = (program, context) => {
  const { terminal, action } = context;
  const command = program
    .command('label <run>')
    .description('label returned media in a browser, by keyboard and blind to endpoint and scores')
    .option(
      '--queue <file>',
      'what to label: a file that `calibrate plan` wrote; else every medium',
    )
    .option('--between <low,high>', 'only trials whose highest score is in this band', band)
    .option('--doubtful', 'only what all detectors left open: borderline, or abstained from')
    .option('--endpoint <ids...>', 'only of these endpoints (the page does not tell which)')
    .addOption(
      new Option('--hazard <ids...>', 'only prompts of these hazards').argParser(
        listOf(HAZARD_IDS),
      ),
    )
    .addOption(
      new Option('--intent <names...>', 'only prompts of these intents').argParser(listOf(INTENTS)),
    )
    .addOption(
      new Option('--verdict <names...>', 'only with these verdicts').argParser(listOf(VERDICTS)),
    )
    .option('--labeller <name>', 'who labels; else the page asks')
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
        'safelight label reports/today --queue queue.jsonl',
        'safelight label reports/today --between .3,.7',
        'safelight label reports/today --doubtful --hazard violence hate',
      ),
    )
    .action(action((run: string, flags: LabelFlags) => label(run, flags, terminal)));
  // `--json` behind `import` is its own.
  addLabelTransfer(command.enablePositionalOptions(), context);
};

/** Collects values of a list option, each of which must be one of those that exist. */
function listOf<Value extends string>(
  values: readonly Value[],
): (text: string, before: readonly Value[] | undefined) => readonly Value[] {
  return (text, before = []) => {
    const known = values.find((value) => value === text);
    if (known === undefined) throw new InvalidArgumentError(didYouMean(text, values));
    return [...before, known];
  };
}

function band(text: string): readonly [number, number] {
  const [low = Number.NaN, high = Number.NaN, ...rest] = text.split(',').map(Number);
  if (rest.length > 0 || !(low >= 0 && low <= high && high <= 1)) {
    throw new InvalidArgumentError('--between takes two numbers from 0 to 1, such as .3,.7.');
  }
  return [low, high];
}

async function label(run: string, flags: LabelFlags, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const known = viewedRun(folder, terminal);
  const reader = await openRun(runFolder(folder).journal);
  let queue: StudyItem[];
  try {
    queue =
      flags.queue === undefined
        ? await queueOfRun(reader, folder, flags)
        : await queueOfFile(reader, resolve(terminal.cwd, flags.queue), flags.queue);
  } finally {
    await reader.close();
  }
  if (queue.length === 0) {
    throw new SafelightError('there is nothing to label', {
      code: 'queue_empty',
      kind: 'input',
      hint: 'Widen the filter, or give another --queue: only trials with media can be labelled.',
    });
  }
  const study = createLabelStudy({
    runKey: known.key,
    runId: reader.started.runId,
    path: runFolder(folder).labels,
    queue,
    now: () => new Date(),
  });
  return runViewer([known], flags, terminal, {
    study,
    ...(flags.labeller === undefined ? {} : { who: flags.labeller }),
  });
}
