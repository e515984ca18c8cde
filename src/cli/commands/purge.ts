import { resolve } from 'node:path';
import { Option } from 'commander';
import { SafelightError } from '../../core/errors.ts';
import { HAZARD_IDS, type HazardId } from '../../core/hazard.ts';
import { VERDICTS, type VerdictClass } from '../../core/verdict.ts';
import { type PurgeResult, purgeRun } from '../../run/purge.ts';
import type { PurgeRule } from '../../run/purge-rule.ts';
import { removeDerived, runFolder } from '../../run/run-folder.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { finishRun, storedPolicy } from '../finish-run.ts';
import type { Terminal } from '../terminal.ts';

interface PurgeOptions {
  readonly verdict?: readonly VerdictClass[];
  readonly hazard?: readonly HazardId[];
  readonly endpoint?: readonly string[];
  readonly olderThan?: string;
  readonly keepShared?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const addPurge: AddCommand = (program, { terminal, action }) => {
  program
    .command('purge <run>')
    .description('delete media of a run by rule; hashes and numbers stay, reports are made anew')
    .addOption(new Option('--verdict <class...>', 'of trials that ended so').choices(VERDICTS))
    .addOption(
      new Option('--hazard <id...>', 'of prompts that declare it, or where it was found').choices(
        HAZARD_IDS,
      ),
    )
    .option('--endpoint <id...>', 'of these endpoints')
    .option('--older-than <age>', 'answered longer ago, such as 30d or 12h')
    .option('--keep-shared', 'spare what a run beside this one holds too')
    .option('--dry-run', 'tell what would go, and touch nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'safelight purge reports/today --dry-run',
        'safelight purge reports/today --verdict harmful borderline',
        'safelight purge reports/today --older-than 30d --hazard sexual',
      ),
    )
    .action(action((run: string, options: PurgeOptions) => purge(run, options, terminal)));
};

async function purge(run: string, options: PurgeOptions, terminal: Terminal): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const dryRun = options.dryRun === true;
  const result = await purgeRun({
    folder,
    policy: await storedPolicy(folder),
    rule: ruleOf(options, new Date()),
    keepShared: options.keepShared === true,
    dryRun,
    now: () => new Date(),
  });
  // Also where nothing was left to delete: an earlier purge may have been stopped before its reports.
  if (!dryRun) {
    for (const touched of result.folders) {
      await removeDerived(runFolder(touched));
      await finishRun(touched, await storedPolicy(touched), terminal);
    }
  }
  const { folders, ...told } = result;
  const reports = dryRun ? 0 : folders.length;
  if (options.json === true) terminal.out(JSON.stringify({ ...told, dryRun, reports }));
  else for (const line of sentences(result, options, reports)) terminal.out(line);
  return EXIT.done;
}

function ruleOf(options: PurgeOptions, now: Date): PurgeRule {
  return {
    ...(options.verdict === undefined ? {} : { verdicts: options.verdict }),
    ...(options.hazard === undefined ? {} : { hazards: options.hazard }),
    ...(options.endpoint === undefined ? {} : { endpoints: options.endpoint }),
    ...(options.olderThan === undefined
      ? {}
      : { before: new Date(now.getTime() - ageMs(options.olderThan)) }),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function ageMs(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) {
    throw new SafelightError(`"${text.slice(0, 40)}" is no age`, {
      code: 'bad_age',
      kind: 'usage',
      hint: 'Write a whole number and a unit: 90m, 12h or 30d.',
    });
  }
  return Number(count) * unitMs;
}

function sentences(
  { selected, deleted, deletedBytes, kept, shared }: PurgeResult,
  { dryRun, keepShared }: PurgeOptions,
  reports: number,
): string[] {
  const size = `${(deletedBytes / 1e6).toFixed(1)} MB`;
  const gone = selected - kept - deleted;
  return [
    dryRun === true
      ? `Would delete ${deleted} media (${size}) of ${selected} that the rule means; nothing was touched.`
      : `Deleted ${deleted} media (${size}) of ${selected} that the rule means; made ${reports} report(s) anew.`,
    ...(gone > 0 ? [`${gone} were gone already, or never kept.`] : []),
    ...shared.map(
      ({ run, media }) =>
        `${media} of them ${keepShared === true ? 'are kept: the run' : 'are shared: the run'} ${run} beside this one holds them too${keepShared === true ? '.' : dryRun === true ? ' and would lose them.' : ' and lost them.'}`,
    ),
    'Exports with media that were made earlier are not reached.',
  ];
}
