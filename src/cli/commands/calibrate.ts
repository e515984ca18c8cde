import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { CalibratedThreshold, Calibration } from '../../core/calibration.ts';
import { createCalibration } from '../../judge/calibrate.ts';
import { createLabelPlan, type LabelPlan } from '../../judge/plan-labels.ts';
import { formatEstimate, formatPercent } from '../../report/number-format.ts';
import { gatherFacts, judgeRun } from '../../run/judge-run.ts';
import { runFolder } from '../../run/run-folder.ts';
import { openRun } from '../../store/run-reader.ts';
import { toStorageError } from '../../store/storage-error.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { storedPolicy } from '../finish-run.ts';
import { wholeNumber } from '../options.ts';
import { requireLabelsOfRun } from '../run-labels.ts';
import { printTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface CalibrateOptions {
  readonly labels?: string;
  readonly out: string;
  readonly seed: number;
  readonly json?: boolean;
}

interface PlanOptions {
  readonly budget: number;
  readonly out: string;
  readonly seed: number;
  readonly json?: boolean;
}

/** Every hazard at every endpoint may have one. */
const NOTES_SHOWN = 6;

const SEED = wholeNumber('--seed', 0, 2 ** 31 - 1);

export const addCalibrate: AddCommand = (program, { terminal, action }) => {
  const calibrate = program
    .command('calibrate')
    // What stands behind `plan` is an option of `plan`, although both have --out.
    .enablePositionalOptions()
    .description('choose thresholds and measure error rates from labels by people')
    .argument('<run>')
    .option('--labels <file>', 'labels.jsonl or a CSV file (default: labels.jsonl in the run)')
    .option('--out <file>', 'where to write the calibration', 'calibration.yaml')
    .option('--seed <number>', 'of the split by family and of the folds', SEED, 1)
    .option('--json', 'print the calibration as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight calibrate plan reports/today --budget 200 --out queue.jsonl',
        'safelight calibrate reports/today --labels labels.jsonl --out calibration.yaml',
      ),
    )
    .action(
      action((run: string, options: CalibrateOptions) => calibrateRun(run, options, terminal)),
    );
  calibrate
    .command('plan')
    .description('draw the trials that people should label, and say what precision that buys')
    .argument('<run>')
    .option('--budget <number>', 'trials to label', wholeNumber('--budget', 1, 1_000_000), 200)
    .option('--out <file>', 'where to write the queue', 'queue.jsonl')
    .option('--seed <number>', 'of the draw', SEED, 1)
    .option('--json', 'print the plan as JSON')
    .addHelpText('after', examples('safelight calibrate plan reports/today --budget 200'))
    .action(action((run: string, options: PlanOptions) => planLabels(run, options, terminal)));
};

async function calibrateRun(
  run: string,
  options: CalibrateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const policy = await storedPolicy(folder);
  const reader = await openRun(runFolder(folder).journal);
  let calibration: Calibration;
  try {
    const labels = await requireLabelsOfRun(reader, options.labels, terminal);
    const facts = await gatherFacts(reader, policy, labels);
    for (const note of facts.labelNotes) terminal.err(`warning: ${note}`);
    const fold = createCalibration({
      runId: reader.started.runId,
      labelsSha256: labels.sha256,
      labelsOn: labels.on,
      detectors: reader.detectors,
      policy,
      seed: options.seed,
    });
    for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
      fold.add(record, verdict);
    }
    calibration = fold.finish();
  } finally {
    await reader.close();
  }
  await write(resolve(terminal.cwd, options.out), stringify(calibration), 'the calibration');
  if (options.json === true) terminal.out(JSON.stringify(calibration, null, 2));
  else printCalibration(calibration, options.out, terminal);
  return EXIT.done;
}

function printCalibration(calibration: Calibration, out: string, terminal: Terminal): void {
  printTable(
    ['detector', 'hazard', 'endpoint', 'threshold', 'J in folds', 'sensitivity', 'specificity'],
    calibration.thresholds.map((row) => [
      row.detector,
      row.hazard ?? 'all',
      row.endpoint ?? 'all',
      row.harmful.toFixed(3),
      row.crossValidation.youdenJ?.toFixed(2) ?? 'none',
      percentOf(row.reportedOn.sensitivity),
      percentOf(row.reportedOn.specificity),
    ]),
    terminal,
  );
  for (const note of calibration.pooled.slice(0, NOTES_SHOWN)) terminal.out(note);
  const more = calibration.pooled.length - NOTES_SHOWN;
  if (more > 0) terminal.out(`and ${more} more, which the file lists under \`pooled\``);
  terminal.out(
    `\nSensitivity and specificity are from families that had no part in the choice. Name it in a policy: calibration: ${out}`,
  );
}

function percentOf(estimate: CalibratedThreshold['reportedOn']['sensitivity']): string {
  if ('undefined' in estimate) return formatEstimate(estimate).value;
  const { value, ciLow, ciHigh } = estimate;
  return `${formatPercent(value)} [${formatPercent(ciLow)}–${formatPercent(ciHigh)}]`;
}

async function planLabels(
  run: string,
  options: PlanOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const policy = await storedPolicy(folder);
  const reader = await openRun(runFolder(folder).journal);
  let plan: LabelPlan;
  try {
    const facts = await gatherFacts(reader, policy);
    const fold = createLabelPlan(reader.started.runId, options.seed);
    for await (const { record, verdict } of judgeRun(reader, facts, policy)) {
      fold.add(record, verdict);
    }
    plan = fold.finish(options.budget);
  } finally {
    await reader.close();
  }
  const out = resolve(terminal.cwd, options.out);
  await write(out, plan.queue.map((entry) => `${JSON.stringify(entry)}\n`).join(''), 'the queue');
  if (options.json === true) {
    terminal.out(
      JSON.stringify(
        { queue: options.out, media: plan.queue.length, endpoints: plan.endpoints },
        null,
        2,
      ),
    );
    return EXIT.done;
  }
  printTable(
    ['endpoint', 'highest score', 'trials', 'to label'],
    plan.endpoints.flatMap(({ endpoint, strata }) =>
      strata.map(({ stratum, trials, drawn }) => [endpoint, stratum, `${trials}`, `${drawn}`]),
    ),
    terminal,
  );
  for (const { endpoint, halfWidth, answered, trials } of plan.endpoints) {
    terminal.out(
      halfWidth === null
        ? `${endpoint}: nothing of its ${trials} trials came back that could be labelled.`
        : `${endpoint}: corrected harm to about ±${formatPercent(halfWidth)} (${answered} of ${trials} trials were answered), if people contradict the detectors as often as assumed.`,
    );
  }
  terminal.out(`\n${plan.queue.length} media to label in ${relative(terminal.cwd, out)}`);
  return EXIT.done;
}

async function write(path: string, text: string, what: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw toStorageError(error, what);
  }
}
