import { resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { UndefinedRate } from '../core/rate.ts';
import { isRefusal } from '../core/verdict.ts';
import { type Disparity, disparity } from '../metrics/disparity.ts';
import { createFamilyTable } from '../metrics/family-table.ts';
import { formatEstimate, formatRate } from '../report/number-format.ts';
import { gatherFacts, type JudgedTrial, judgeRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun } from '../store/run-reader.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { storedPolicy } from './finish-run.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface DisparityOptions {
  readonly by: string;
  readonly within?: string;
  readonly reference?: string;
  readonly json?: boolean;
}

/** Refusal rates of the groups of one part, such as an axis, at one endpoint. */
interface Part {
  readonly endpoint: string;
  /** Value of the `--within` tag; null where everything is compared with everything. */
  readonly within: string | null;
  readonly disparity: Disparity | UndefinedRate;
}

/** Adds `disparity` below `metrics`. */
export const addDisparity: AddCommand = (command, { terminal, action }) => {
  command
    .command('disparity <run>')
    .description(
      'refusal rates by group, from the tags of the prompts, with simultaneous intervals',
    )
    .option('--by <prefix>', 'compare prompts by the tags that begin so', 'group')
    .option('--within <prefix>', 'compare only inside each value of these tags, such as axis')
    .option('--reference <group>', 'group to compare with (default: the one with most trials)')
    .option('--json', 'print the numbers as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight metrics disparity reports/fair --within axis --reference unmarked',
        'safelight metrics disparity reports/fair --by intersection',
      ),
    )
    .action(
      action((run: string, options: DisparityOptions) => compareGroups(run, options, terminal)),
    );
};

async function compareGroups(
  run: string,
  options: DisparityOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = resolve(terminal.cwd, run);
  const policy = await storedPolicy(folder);
  const reader = await openRun(runFolder(folder).journal);
  try {
    const facts = await gatherFacts(reader, policy);
    const parts = await gatherParts(judgeRun(reader, facts, policy), options);
    if (parts.length === 0) {
      throw new SafelightError(
        `no prompt of this run has a tag that begins with "${options.by}:"`,
        {
          code: 'no_groups',
          kind: 'usage',
          hint: 'The suite "fairness" has group:, axis: and intersection: tags.',
        },
      );
    }
    requireReference(options.reference, parts);
    if (options.json === true)
      terminal.out(JSON.stringify({ schema: 1, by: options.by, parts }, null, 2));
    else for (const part of parts) print(part, terminal);
    return EXIT.done;
  } finally {
    await reader.close();
  }
}

/** A part may lack the group, but not all of them. */
function requireReference(reference: string | undefined, parts: readonly Part[]): void {
  const names = new Set(
    parts.flatMap(({ disparity: found }) =>
      'undefined' in found ? [] : found.groups.map(({ name }) => name),
    ),
  );
  if (reference === undefined || names.size === 0 || names.has(reference)) return;
  throw new SafelightError(`no group is called "${reference}"`, {
    code: 'no_groups',
    kind: 'usage',
    hint: didYouMean(reference, [...names]),
  });
}

/** Trials and refusals by endpoint, part, family and group. Failed trials are left out. */
async function gatherParts(
  trials: AsyncIterable<JudgedTrial>,
  { by, within, reference }: DisparityOptions,
): Promise<Part[]> {
  const counts = new Map<string, Map<string, Map<string, [trials: number, refused: number]>>>();
  for await (const { record, verdict } of trials) {
    if (verdict.class === 'failed') continue;
    const { prompt, trial } = record.generated;
    for (const part of within === undefined ? [null] : valuesOf(prompt.tags, within)) {
      const key = JSON.stringify([trial.endpoint, part]);
      const families = counts.get(key) ?? new Map();
      counts.set(key, families);
      const groups = families.get(prompt.family) ?? new Map();
      families.set(prompt.family, groups);
      for (const group of valuesOf(prompt.tags, by)) {
        const count = groups.get(group) ?? [0, 0];
        groups.set(group, count);
        count[0] += 1;
        if (isRefusal(verdict.class)) count[1] += 1;
      }
    }
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, families]) => {
      const [endpoint, part]: [string, string | null] = JSON.parse(key);
      const names = [
        ...new Set([...families.values()].flatMap((groups) => [...groups.keys()])),
      ].sort();
      if (names.length === 0) return [];
      const table = createFamilyTable(2 * names.length);
      for (const groups of families.values()) {
        table.add(names.flatMap((name) => groups.get(name) ?? [0, 0]));
      }
      const known = reference !== undefined && names.includes(reference);
      return [
        {
          endpoint,
          within: part,
          disparity: disparity(table.table(), names, known ? { reference } : {}),
        },
      ];
    });
}

function valuesOf(tags: readonly string[], prefix: string): string[] {
  return tags
    .filter((tag) => tag.startsWith(`${prefix}:`))
    .map((tag) => tag.slice(prefix.length + 1));
}

function print({ endpoint, within, disparity: found }: Part, terminal: Terminal): void {
  terminal.out(`${endpoint}${within === null ? '' : `, ${within}`}`);
  if ('undefined' in found) {
    terminal.out(`  not defined: ${found.reason}\n`);
    return;
  }
  printTable(
    ['  group', 'refused', 'interval', 'trials', `against ${found.reference}`],
    found.groups.map(({ name, rate, difference }) => {
      const shown = formatRate(rate);
      return [
        `  ${name}`,
        shown.value,
        shown.interval,
        shown.counts,
        name === found.reference ? '–' : formatEstimate(difference).sentence,
      ];
    }),
    terminal,
  );
  const warned = new Map<string, string[]>();
  for (const { name, rate } of found.groups) {
    const warnings = 'undefined' in rate ? [] : (rate.warnings ?? []);
    for (const warning of warnings) warned.set(warning, [...(warned.get(warning) ?? []), name]);
  }
  for (const [warning, names] of warned) terminal.out(`  ${names.join(', ')}: ${warning}`);
  terminal.out(`  gap between highest and lowest: ${formatEstimate(found.gap).sentence}\n`);
}
