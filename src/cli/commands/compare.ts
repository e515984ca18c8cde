import { writeFile } from 'node:fs/promises';
import { basename, relative, resolve } from 'node:path';
import { SafelightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import type { EndpointSummary } from '../../core/summary.ts';
import {
  COMPARED_METRICS,
  type ComparedSystem,
  compareSystems,
  concludeDifference,
} from '../../judge/compare-systems.ts';
import { runFolder } from '../../run/run-folder.ts';
import { toStorageError } from '../../store/storage-error.ts';
import { type AddCommand, examples } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { storedPolicy } from '../finish-run.ts';
import { type ReadRun, readRun } from '../read-judged.ts';
import type { Terminal } from '../terminal.ts';

interface CompareOptions {
  readonly endpoints?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export const addCompare: AddCommand = (program, { terminal, action }) => {
  program
    .command('compare <runs...>')
    .description('compare systems on the prompts that all were asked: other runs with the first')
    .option('--endpoints <ids>', 'ids by comma: of each run in turn, or several of one run')
    .option('--out <file>', 'where to write the page (default: comparison.html in the first run)')
    .option('--json', 'print the comparison as JSON')
    .addHelpText(
      'after',
      examples(
        'safelight compare reports/old reports/new',
        'safelight compare reports/old reports/new --endpoints model-v1,model-v2',
        'safelight compare reports/today --endpoints open,strict',
      ),
    )
    .action(action((runs: string[], options: CompareOptions) => compare(runs, options, terminal)));
};

interface NamedSystem extends ComparedSystem {
  readonly endpoint: string;
  readonly summary: EndpointSummary;
}

async function compare(
  runs: readonly string[],
  options: CompareOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const [first = '', ...others] = runs;
  const folder = resolve(terminal.cwd, first);
  // One policy for all: else a difference would be that of two policies.
  const policy = await storedPolicy(folder);
  const ids = options.endpoints?.split(',').map((id) => id.trim());
  const read: { readonly name: string; readonly run: ReadRun }[] = [];
  for (const run of [first, ...others]) {
    read.push({
      name: others.length === 0 ? '' : `${basename(resolve(terminal.cwd, run))}: `,
      run: await readRun(resolve(terminal.cwd, run), policy, true),
    });
  }
  const pairs = others.length === 0 ? withinOne(read, ids) : acrossRuns(read, ids);
  const comparisons = compareSystems(pairs, policy.validity.undecidedRateMax);
  const warnings = warningsOf(read.map(({ run }) => run));
  const systems = [...new Map(pairs.flat().map((system) => [system.name, system])).values()];
  const page =
    options.out === undefined ? runFolder(folder).comparison : resolve(terminal.cwd, options.out);
  const { renderComparison } = await import('../../report/render-comparison.ts');
  const title =
    others.length === 0
      ? (read[0]?.run.summary.run.id ?? first)
      : runs.map((run) => basename(resolve(terminal.cwd, run))).join(' · ');
  try {
    await writeFile(page, renderComparison({ title, policy, systems, comparisons, warnings }));
  } catch (error) {
    throw toStorageError(error, 'the comparison');
  }
  if (options.json === true) {
    const told = systems.map(({ name, endpoint, summary }) => ({
      name,
      endpoint,
      revision: summary.revision,
      harm: summary.harm,
      overRefusal: summary.overRefusal,
    }));
    terminal.out(JSON.stringify({ schema: 1, systems: told, comparisons, warnings }, null, 2));
    return EXIT.done;
  }
  for (const pair of comparisons) {
    terminal.out(`${pair.first} and ${pair.second}`);
    terminal.out(
      `  ${pair.matchedPrompts} prompts in both, ${pair.unmatchedFirst} in the first alone, ${pair.unmatchedSecond} in the second alone`,
    );
    for (const metric of COMPARED_METRICS) {
      terminal.out(`  ${concludeDifference(metric, pair.first, pair.second, pair[metric])}`);
    }
    for (const { dimension, value, ...found } of pair.groups) {
      for (const metric of COMPARED_METRICS) {
        const one = found[metric];
        if ('undefined' in one || one.pAdjusted >= 0.05) continue;
        terminal.out(
          `  ${dimension} ${value}: ${concludeDifference(metric, pair.first, pair.second, one)}`,
        );
      }
    }
  }
  for (const warning of warnings) terminal.out(`warning: ${warning}`);
  terminal.out(`\nComparison: ${relative(terminal.cwd, page)}`);
  return EXIT.done;
}

type Read = readonly { readonly name: string; readonly run: ReadRun }[];

/** Other endpoints of one run with the first. */
function withinOne(read: Read, ids: readonly string[] | undefined): [NamedSystem, NamedSystem][] {
  const [only] = read;
  if (only === undefined) return [];
  const known = only.run.summary.endpoints.map(({ id }) => id);
  const wanted = ids ?? [...new Set(known)];
  if (wanted.length < 2) {
    throw usage(
      'one run is compared by its endpoints, and there is only one',
      'Name a second run.',
    );
  }
  const [first, ...others] = wanted.map((id) => systemOf(only, id));
  return first === undefined ? [] : others.map((other) => [first, other]);
}

/** Endpoints of each further run with those of the first: by name, or as told. */
function acrossRuns(read: Read, ids: readonly string[] | undefined): [NamedSystem, NamedSystem][] {
  const [first, ...others] = read;
  if (first === undefined) return [];
  if (ids !== undefined) {
    if (ids.length !== read.length) {
      throw usage(
        `--endpoints names ${ids.length} endpoints for ${read.length} runs`,
        'Name one of each run, in the order of the runs.',
      );
    }
    const own = systemOf(first, ids[0] ?? '');
    return others.map((other, at) => [own, systemOf(other, ids[at + 1] ?? '')]);
  }
  return others.flatMap((other) => {
    const own = idsOf(first.run);
    const theirs = idsOf(other.run);
    const shared = own.filter((id) => theirs.includes(id));
    const [one] = own;
    const [another] = theirs;
    if (shared.length === 0 && own.length === 1 && theirs.length === 1) {
      return [
        [systemOf(first, one ?? ''), systemOf(other, another ?? '')] as [NamedSystem, NamedSystem],
      ];
    }
    if (shared.length === 0) {
      throw usage(
        'the runs share no endpoint by name',
        `Say which belong together with --endpoints: the first run holds ${own.join(', ')}.`,
      );
    }
    return shared.map((id): [NamedSystem, NamedSystem] => [
      systemOf(first, id),
      systemOf(other, id),
    ]);
  });
}

function idsOf(run: ReadRun): string[] {
  return [...new Set(run.summary.endpoints.map(({ id }) => id))];
}

function systemOf({ name, run }: Read[number], id: string): NamedSystem {
  const parts = run.summary.endpoints.filter((endpoint) => endpoint.id === id);
  const [summary, ...more] = parts;
  if (summary === undefined) {
    throw usage(`the run holds no endpoint "${id}"`, didYouMean(id, idsOf(run)));
  }
  if (more.length > 0) {
    throw usage(
      `the run holds ${parts.length} revisions of "${id}", which are different systems`,
      'Run each revision by itself.',
    );
  }
  return {
    name: `${name}${id}`,
    endpoint: id,
    modality: summary.modality,
    summary,
    trials: run.trials.of(id, summary.revision),
  };
}

function warningsOf(runs: readonly ReadRun[]): string[] {
  return [
    ...runs.flatMap(({ gated }) =>
      gated.valid ? [] : [`${gated.id} is not valid: ${gated.invalidBecause.join(' ')}`],
    ),
    ...(new Set(runs.map(({ detectors }) => detectors)).size > 1
      ? ['The runs were looked at by different detectors: part of a difference may be theirs.']
      : []),
  ];
}

function usage(message: string, hint: string): SafelightError {
  return new SafelightError(message, { code: 'compare_usage', kind: 'usage', hint });
}
