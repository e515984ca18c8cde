import { readFile, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { Option } from 'commander';
import { inputError, SafelightError } from '../core/errors.ts';
import { type Label, labelSchema } from '../core/label.ts';
import { csvCell } from '../report/export/csv.ts';
import { runFolder } from '../run/run-folder.ts';
import { createBlobStore } from '../store/blobs.ts';
import { readLabelLines } from '../store/label-lines.ts';
import { createLabelWriter } from '../store/label-writer.ts';
import { type LabelSet, loadLabels, NO_LABELS } from '../store/labels.ts';
import { openRun, type RunReader } from '../store/run-reader.ts';
import {
  labelStudioInterface,
  readStudioTask,
  type StudioKind,
  toStudioTask,
} from '../viewer/label-studio.ts';
import type { StudyItem } from '../viewer/label-study.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { queueOfFile, queueOfRun } from './label-queue.ts';
import type { Terminal } from './terminal.ts';
import { writeAside, writeText } from './write-output.ts';

const FORMATS = ['csv', 'jsonl', 'label-studio'] as const;

interface ExportFlags {
  readonly to: (typeof FORMATS)[number];
  readonly out: string;
  readonly queue?: string;
  readonly kind?: StudioKind;
  readonly mediaUrl?: string;
  readonly json?: boolean;
}

/** Adds `import` and `export` below `label`. */
export const addLabelTransfer: AddCommand = (command, { terminal, action }) => {
  command
    .command('export <run>')
    .description('write the labels of a run for other tools')
    .addOption(new Option('--to <format>', 'of the file').choices(FORMATS).default('csv'))
    .requiredOption('--out <file>', 'where to write')
    .option('--queue <file>', 'label-studio: what to label; else every medium')
    .addOption(
      new Option('--kind <kind>', 'label-studio: of the media, where the run holds both').choices([
        'image',
        'video',
      ]),
    )
    .option(
      '--media-url <prefix>',
      'label-studio: address of the folder "blobs" (default: its local storage)',
    )
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight label export reports/today --out labels.csv',
        'safelight label export reports/today --to label-studio --queue queue.jsonl --out tasks.json',
      ),
    )
    .action(action((run: string, flags: ExportFlags) => exportLabels(run, flags, terminal)));
  command
    .command('import <run> <file>')
    .description('take labels over from CSV, JSON Lines or a JSON export of Label Studio')
    .option('--json', 'print what was taken over as JSON')
    .addHelpText('after', examples('safelight label import reports/today annotations.json'))
    .action(
      action((run: string, file: string, flags: { json?: boolean }) =>
        importLabels(run, file, flags.json === true, terminal),
      ),
    );
};

async function exportLabels(
  run: string,
  flags: ExportFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const target = resolve(terminal.cwd, flags.out);
  const reader = await openRun(runFolder(folder).journal);
  try {
    const labels = await labelsOf(folder, reader);
    if (flags.to === 'label-studio') {
      const queue =
        flags.queue === undefined
          ? await queueOfRun(reader, folder)
          : await queueOfFile(reader, resolve(terminal.cwd, flags.queue), flags.queue);
      return await exportTasks(folder, queue, labels, flags, terminal);
    }
    const lines = flags.to === 'csv' ? csvOf(labels.all) : labels.all.map(jsonLine);
    await writeAside(target, (path) => writeText(path, lines));
    say(terminal, flags.json === true, { labels: labels.all.length, file: flags.out });
    return EXIT.done;
  } finally {
    await reader.close();
  }
}

async function labelsOf(folder: string, reader: RunReader): Promise<LabelSet> {
  const path = runFolder(folder).labels;
  const there = await stat(path).catch(() => undefined);
  return there === undefined ? NO_LABELS : loadLabels(path, reader.started.runId, 'labels.jsonl');
}

function jsonLine(label: Label): string {
  return `${JSON.stringify(label)}\n`;
}

const COLUMNS = Object.keys(labelSchema.shape) as (keyof Label)[];

function* csvOf(labels: readonly Label[]): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const label of labels) {
    yield `${COLUMNS.map((column) => csvCell(label[column] ?? null)).join(',')}\r\n`;
  }
}

async function exportTasks(
  folder: string,
  queue: readonly StudyItem[],
  labels: LabelSet,
  flags: ExportFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const kinds = new Set(queue.map(({ kind }) => kind));
  const kind = flags.kind ?? [...kinds][0];
  if (kind === undefined || (kinds.size > 1 && flags.kind === undefined)) {
    throw new SafelightError(
      kind === undefined ? 'there is nothing to label' : 'the run holds pictures and videos',
      {
        code: kind === undefined ? 'queue_empty' : 'kind_missing',
        kind: 'usage',
        hint:
          kind === undefined
            ? 'Give another --queue: only trials with media can be labelled.'
            : 'A project of Label Studio shows one kind: say --kind image or --kind video.',
      },
    );
  }
  const { blobs } = runFolder(folder);
  const store = createBlobStore(blobs);
  const prefix = flags.mediaUrl?.replace(/\/+$/, '');
  const address = (sha256: string): string => {
    const path = relative(blobs, store.path(sha256)).split('\\').join('/');
    return prefix === undefined ? `/data/local-files/?d=blobs/${path}` : `${prefix}/${path}`;
  };
  const tasks = queue
    .filter((item) => item.kind === kind)
    .map(({ item, hazard }) =>
      toStudioTask(
        { ...item, ...(hazard === null ? {} : { hazard }) },
        kind,
        address(item.mediaSha256),
        labels.on(item.trialId, item.mediaSha256),
      ),
    );
  await writeAside(resolve(terminal.cwd, flags.out), (path) =>
    writeText(path, [`${JSON.stringify(tasks, null, 1)}\n`]),
  );
  const page = `${flags.out.replace(/\.json$/i, '')}.xml`;
  await writeAside(resolve(terminal.cwd, page), (path) =>
    writeText(path, [labelStudioInterface(kind)]),
  );
  say(terminal, flags.json === true, { tasks: tasks.length, file: flags.out, interface: page });
  return EXIT.done;
}

async function importLabels(
  run: string,
  file: string,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const reader = await openRun(runFolder(folder).journal);
  try {
    // Read to its end before a line is written: a file with a fault changes nothing.
    const read: Label[] = [];
    const path = resolve(terminal.cwd, file);
    for await (const label of /\.json$/i.test(file)
      ? readTasks(path, file)
      : readLines(path, file)) {
      read.push(label);
    }
    const known = new Set((await labelsOf(folder, reader)).all.map(identity));
    const writer = createLabelWriter(runFolder(folder).labels);
    const counts = { imported: 0, alreadyThere: 0, ofOtherRuns: 0, unknownMedia: 0 };
    for (const label of read) {
      if (label.runId !== reader.started.runId) counts.ofOtherRuns += 1;
      else if (known.has(identity(label))) counts.alreadyThere += 1;
      else if (!(await holds(reader, label))) counts.unknownMedia += 1;
      else {
        await writer.append(label);
        known.add(identity(label));
        counts.imported += 1;
      }
    }
    await writer.close();
    if (counts.imported + counts.alreadyThere === 0) {
      throw inputError({ file }, 'none of its labels is about this run', {
        code: 'labels_foreign',
        hint: `${counts.ofOtherRuns} name another run, ${counts.unknownMedia} a medium that this run does not hold.`,
      });
    }
    say(terminal, json, counts);
    return EXIT.done;
  } finally {
    await reader.close();
  }
}

/** One statement of one person: made twice it is still one. */
function identity(label: Label): string {
  return JSON.stringify(COLUMNS.map((column) => label[column] ?? null));
}

async function holds(reader: RunReader, label: Label): Promise<boolean> {
  const outcome = (await reader.record(label.trialId))?.generated.outcome;
  return (
    outcome?.kind === 'media' && outcome.media.some(({ sha256 }) => sha256 === label.mediaSha256)
  );
}

async function* readLines(path: string, name: string): AsyncGenerator<Label> {
  for await (const line of readLabelLines(path, name)) if (line.kind === 'label') yield line.label;
}

async function* readTasks(path: string, name: string): AsyncGenerator<Label> {
  const fail = (problem: string, cause?: unknown): SafelightError =>
    inputError({ file: name }, problem, {
      code: 'label_invalid',
      hint: 'Expected the JSON that Label Studio exports from tasks of `safelight label export --to label-studio`.',
      cause,
    });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw fail('the file cannot be read', cause);
  });
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw fail('not JSON', cause);
  }
  if (!Array.isArray(value)) throw fail('expected a list of tasks');
  for (const [index, task] of value.entries()) {
    const labels = readStudioTask(task);
    if ('problem' in labels) throw fail(`task ${index + 1}: ${labels.problem}`);
    yield* labels;
  }
}

function say(terminal: Terminal, json: boolean, facts: Readonly<Record<string, unknown>>): void {
  if (json) terminal.out(JSON.stringify(facts));
  else {
    const words = Object.entries(facts).map(
      ([key, value]) =>
        `${key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}: ${value}`,
    );
    terminal.out(words.join(', '));
  }
}
