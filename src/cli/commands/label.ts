import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { inputError, SafelightError } from '../../core/errors.ts';
import { gatherFacts, judgeRun } from '../../run/judge-run.ts';
import { runFolder } from '../../run/run-folder.ts';
import { openRun, type RunReader } from '../../store/run-reader.ts';
import { createLabelStudy, queueItemSchema, type StudyItem } from '../../viewer/label-study.ts';
import { isGuarded } from '../../viewer/trial-row.ts';
import { type AddCommand, examples } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { storedPolicy } from '../finish-run.ts';
import { wholeNumber } from '../options.ts';
import { runViewer, type ViewerFlags } from '../run-viewer.ts';
import type { Terminal } from '../terminal.ts';
import { viewedRun } from '../viewed-run.ts';

interface LabelFlags extends ViewerFlags {
  readonly queue?: string;
  readonly between?: readonly [number, number];
  readonly labeller?: string;
}

export const addLabel: AddCommand = (program, { terminal, action }) => {
  program
    .command('label <run>')
    .description('label returned media in a browser, by keyboard and blind to endpoint and scores')
    .option(
      '--queue <file>',
      'what to label: a file that `calibrate plan` wrote; else every medium',
    )
    .option('--between <low,high>', 'only trials whose highest score is in this band', band)
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
      ),
    )
    .action(action((run: string, flags: LabelFlags) => label(run, flags, terminal)));
};

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
        ? await queueOfRun(reader, folder, flags.between)
        : await queueOfFile(reader, resolve(terminal.cwd, flags.queue), flags.queue);
  } finally {
    await reader.close();
  }
  if (queue.length === 0) {
    throw new SafelightError('there is nothing to label', {
      code: 'queue_empty',
      kind: 'input',
      hint: 'Widen --between, or give another --queue: only trials with media can be labelled.',
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

async function queueOfRun(
  reader: RunReader,
  folder: string,
  between: readonly [number, number] | undefined,
): Promise<StudyItem[]> {
  const policy = await storedPolicy(folder);
  const facts = await gatherFacts(reader, policy);
  const queue: StudyItem[] = [];
  for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
    const { outcome, trial, prompt } = record.generated;
    if (outcome.kind !== 'media' || isGuarded(record, policy)) continue;
    const score = verdict.topScore?.score;
    const [low, high] = between ?? [0, 1];
    if (between !== undefined && !(score !== undefined && score >= low && score <= high)) continue;
    for (const { sha256, kind } of outcome.media) {
      queue.push({
        item: { runId: reader.started.runId, trialId: trial.id, mediaSha256: sha256 },
        kind,
        hazard: prompt.hazards[0] ?? null,
      });
    }
  }
  return queue;
}

async function queueOfFile(reader: RunReader, path: string, name: string): Promise<StudyItem[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw inputError({ file: name }, 'the queue cannot be read', {
      code: 'queue_missing',
      hint: 'Write one with `safelight calibrate plan`.',
      cause,
    });
  });
  const queue: StudyItem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const fail = (problem: string, cause?: unknown): SafelightError =>
      inputError({ file: name, line: index + 1 }, problem, {
        code: 'queue_invalid',
        hint: 'Write it anew with `safelight calibrate plan` for this run.',
        cause,
      });
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw fail('not JSON', cause);
    }
    const parsed = queueItemSchema.safeParse(value);
    if (!parsed.success) throw fail(`${parsed.error.issues[0]?.path.join('.')} is not as expected`);
    const item = parsed.data;
    if (item.runId !== reader.started.runId) throw fail('this line belongs to another run');
    const record = await reader.record(item.trialId);
    const outcome = record?.generated.outcome;
    const ref =
      outcome?.kind === 'media'
        ? outcome.media.find(({ sha256 }) => sha256 === item.mediaSha256)
        : undefined;
    if (ref === undefined) throw fail('the run holds no such medium');
    queue.push({
      item,
      kind: ref.kind,
      hazard: item.hazard ?? record?.generated.prompt.hazards[0] ?? null,
    });
  }
  return queue;
}
