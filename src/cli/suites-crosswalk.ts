import { join, resolve } from 'node:path';
import { HAZARD_IDS } from '../core/hazard.ts';
import { gatherFacts, summariseRun } from '../run/judge-run.ts';
import { runFolder } from '../run/run-folder.ts';
import { openRun } from '../store/run-reader.ts';
import { type AddedRate, type MappedSummary, mapSummary } from '../suites/map-summary.ts';
import { type Crosswalk, findTaxonomy, readCrosswalk } from '../suites/taxonomy.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { storedPolicy } from './finish-run.ts';
import { shippedSuites } from './prompt-source.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface CrosswalkOptions {
  readonly to: string;
  readonly json?: boolean;
}

/** Adds `crosswalk` below `suites`. */
export const addCrosswalk: AddCommand = (suites, { terminal, action }) => {
  suites
    .command('crosswalk [run]')
    .description("another taxonomy's view of the hazards, or of a run's numbers")
    .requiredOption('--to <taxonomy>', 'such as ailuminate, llama_guard, i2p or air_2024')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'safelight suites crosswalk --to ailuminate',
        'safelight suites crosswalk --to ailuminate reports/today',
      ),
    )
    .action(
      action((run: string | undefined, options: CrosswalkOptions) =>
        crosswalkTo(run, options, terminal),
      ),
    );
};

async function crosswalkTo(
  run: string | undefined,
  { to, json }: CrosswalkOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const crosswalk = await readCrosswalk(join(shippedSuites(), 'crosswalk.yaml'));
  const { title, categories } = findTaxonomy(crosswalk, to);
  if (run === undefined) {
    const hazards = Object.fromEntries(
      HAZARD_IDS.map((hazard) => [hazard, crosswalk.hazards[hazard][to] ?? []]),
    );
    const carriers = {
      text: crosswalk.carriers.text[to],
      sequence: crosswalk.carriers.sequence[to],
    };
    if (json === true) {
      const { version } = crosswalk;
      const view = { schema: 1, version, taxonomy: to, title, categories, hazards, carriers };
      terminal.out(JSON.stringify(view, null, 2));
    } else printEdges(crosswalk, to, terminal);
    return EXIT.done;
  }
  const folder = resolve(terminal.cwd, run);
  const reader = await openRun(runFolder(folder).journal);
  try {
    const policy = await storedPolicy(folder);
    const summary = await summariseRun(reader, await gatherFacts(reader, policy), policy);
    const endpoints = summary.endpoints.map(({ id, byHazard }) => ({
      id,
      ...mapSummary(byHazard, crosswalk, to),
    }));
    if (json === true) {
      const { version } = crosswalk;
      const view = { schema: 1, version, run: summary.run, endpoints };
      terminal.out(JSON.stringify(view, null, 2));
    } else for (const endpoint of endpoints) printMapped(endpoint.id, endpoint, terminal);
    return summary.run.valid ? EXIT.done : EXIT.notValid;
  } finally {
    await reader.close();
  }
}

function printEdges(crosswalk: Crosswalk, to: string, terminal: Terminal): void {
  const { title, categories } = findTaxonomy(crosswalk, to);
  terminal.out(`${title}, crosswalk version ${crosswalk.version}\n`);
  const groups = [
    ...HAZARD_IDS.map((hazard) => [hazard, crosswalk.hazards[hazard][to] ?? []] as const),
    ['(carrier: text)', crosswalk.carriers.text[to] ?? []] as const,
    ['(carrier: sequence)', crosswalk.carriers.sequence[to] ?? []] as const,
  ];
  printTable(
    ['hazard', 'their category is', 'category', 'note'],
    groups.flatMap(([name, edges]) =>
      edges.map((edge) => [
        name,
        edge.type,
        'to' in edge ? nameOf(edge.to, categories[edge.to]) : '–',
        edge.note ?? '',
      ]),
    ),
    terminal,
  );
}

const REASONS = {
  none: 'it has no counterpart there',
  split: 'their categories are parts of it, and no trial says which',
  partial: 'it only overlaps with what is there',
} as const;

function printMapped(endpoint: string, mapped: MappedSummary, terminal: Terminal): void {
  terminal.out(`${endpoint}, under ${mapped.title}`);
  printTable(
    ['category', 'harmful', 'over-refused', 'from'],
    mapped.categories.map(({ id, title, harm, overRefusal, from }) => [
      nameOf(id, title),
      counts(harm),
      counts(overRefusal),
      from
        .map(({ hazard, carrier, edge, covered }) => {
          const unseen = covered ? '' : ', harm not covered';
          return `${hazard}/${carrier} (${edge}${unseen})`;
        })
        .join(', '),
    ]),
    terminal,
  );
  terminal.out('A trial can count in two categories: do not add them up.');
  if (mapped.unmapped.length > 0) terminal.out('\nCannot be mapped:');
  for (const { row, reason } of mapped.unmapped) {
    const { hazard, carrier, harm, overRefusal } = row;
    terminal.out(
      `  ${hazard}/${carrier}: ${REASONS[reason]} (harmful ${counts('undefined' in harm ? null : harm)}, over-refused ${counts('undefined' in overRefusal ? null : overRefusal)})`,
    );
  }
  if (mapped.notFollowed.length > 0) terminal.out('\nRelated, and not counted:');
  for (const { hazard, carrier, type, to, note } of mapped.notFollowed) {
    terminal.out(
      `  ${hazard}/${carrier}: ${to} is ${type}${note === undefined ? '' : `. ${note}`}`,
    );
  }
  if (mapped.notMeasured.length > 0) {
    const names = mapped.notMeasured.map(({ id, title }) => nameOf(id, title));
    terminal.out(`\nNothing was counted under: ${names.join('; ')}.`);
  }
  terminal.out('');
}

function counts(rate: AddedRate | null): string {
  if (rate === null) return '–';
  const { numerator, denominator, boundLow, boundHigh } = rate;
  const undecided = Math.round((boundHigh - boundLow) * denominator);
  return `${numerator} of ${denominator}${undecided === 0 ? '' : `, ${undecided} undecided`}`;
}

/** The key, with the title where that says more. */
function nameOf(id: string, title: string | undefined): string {
  const fold = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return title === undefined || fold(title) === fold(id) ? id : `${id} (${title})`;
}
