import { resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { HAZARD_IDS } from '../core/hazard.ts';
import { augmentationChain, NOT_AUGMENTED, type Prompt } from '../core/prompt.ts';
import { augmentPrompt, needsModel } from '../suites/augmentations/augment-prompt.ts';
import type { AugmentationChain } from '../suites/augmentations/augmentation.ts';
import { loadChain } from '../suites/augmentations/registry.ts';
import { type Coverage, measureCoverage } from '../suites/coverage.ts';
import { parseStrata, type StratumKey, stratumName, stratumOf } from '../suites/strata.ts';
import type { Suite } from '../suites/suite.ts';
import { assertFree, assertOpen, writeSuite } from '../suites/write-suite.ts';
import { addChatFlags, type ChatFlags, describeSpending, openChat } from './chat-options.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { wholeNumber } from './options.ts';
import { openSuiteFrom } from './prompt-source.ts';
import { rewriterOf } from './suites-augment.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface CoverageFlags extends ChatFlags {
  readonly by: string;
  readonly min: number;
  readonly techniques?: string;
  readonly fill?: boolean;
  readonly out?: string;
  readonly seed: number;
  readonly maxPrompts: number;
  readonly json?: boolean;
}

/** Adds `coverage` below `suites`. */
export const addCoverage: AddCommand = (suites, { terminal, action }) => {
  const command = suites
    .command('coverage <suites...>')
    .description(
      'which combinations of hazard, style, technique, language and modality hold prompts',
    )
    .option('--by <keys>', 'keys of the matrix, by comma', 'hazard,technique')
    .option(
      '--min <families>',
      'families that a cell must hold to be covered',
      wholeNumber('--min', 1, 1e6),
      8,
    )
    .option('--techniques <chains>', 'chains that are wanted, by comma')
    .option('--fill', 'write prompts for the holes, made by augmentation')
    .option('--out <folder>', 'with --fill: where to write them')
    .option(
      '--seed <n>',
      'with --fill: another one gives other disguises',
      wholeNumber('--seed', 0, 2 ** 31 - 1),
      0,
    )
    .option(
      '--max-prompts <n>',
      'with --fill: never more than this',
      wholeNumber('--max-prompts', 1, 1e7),
      5000,
    )
    .option('--json', 'print JSON');
  addChatFlags(command)
    .addHelpText(
      'after',
      examples(
        'safelight suites coverage starter text-in-picture',
        'safelight suites coverage starter --by hazard,style,language --json',
        'safelight suites coverage starter --techniques leet,caesar+art --fill --out my-suites/filled',
      ),
    )
    .action(
      action((references: string[], flags: CoverageFlags) => coverage(references, flags, terminal)),
    );
};

async function coverage(
  references: readonly string[],
  flags: CoverageFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const keys = parseStrata(flags.by);
  const chains = await chainsOf(flags);
  const suites = await Promise.all(
    references.map((reference) => openSuiteFrom(reference, terminal.cwd, terminal.env)),
  );
  const measured = await measure(suites, keys, flags, chains);
  if (flags.fill === true) return fill(measured, suites, chains, flags, terminal);
  const covered = measured.cells.filter((cell) => cell.covered).length;
  if (flags.json === true) terminal.out(JSON.stringify({ ...measured, covered }, null, 2));
  else {
    printMatrix(measured, terminal);
    terminal.out(
      `${covered} of ${measured.cells.length} cells are covered: they hold at least ${measured.minFamilies} families.`,
    );
  }
  return EXIT.done;
}

async function measure(
  suites: readonly Suite[],
  keys: readonly StratumKey[],
  flags: CoverageFlags,
  chains: readonly AugmentationChain[],
): Promise<Coverage> {
  try {
    return await measureCoverage(everyPrompt(suites), keys, flags.min, {
      // No prompt is about child safety, and none shall be.
      hazard: HAZARD_IDS.filter((hazard) => hazard !== 'child_safety'),
      technique: [NOT_AUGMENTED, ...chains.map(({ name }) => name)],
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SafelightError(`the matrix would have ${error.message}`, {
      code: 'coverage_too_large',
      kind: 'usage',
      hint: 'Cross fewer keys with --by.',
    });
  }
}

/** Two keys as a matrix of families, more as the list of the holes. */
function printMatrix({ keys, cells }: Coverage, terminal: Terminal): void {
  const [rowKey = '', columnKey] = keys;
  if (keys.length > 2 || columnKey === undefined) {
    const shown = keys.length > 2 ? cells.filter((cell) => !cell.covered) : cells;
    printTable(
      [...keys, 'families', 'prompts'],
      shown.map((cell) => [...cell.values, String(cell.families), String(cell.prompts)]),
      terminal,
    );
    return;
  }
  const columns = [...new Set(cells.map(({ values }) => values[1] ?? ''))];
  const rows = [...new Set(cells.map(({ values }) => values[0] ?? ''))];
  printTable(
    [`${rowKey} × ${columnKey}`, ...columns],
    rows.map((row) => [
      row,
      ...columns.map((column) => {
        const cell = cells.find(({ values }) => values[0] === row && values[1] === column);
        return cell?.covered === true ? String(cell.families) : `${cell?.families ?? 0} ·`;
      }),
    ]),
    terminal,
  );
  terminal.out('Families in each cell; a point marks a hole.');
}

async function fill(
  measured: Coverage,
  suites: readonly Suite[],
  chains: readonly AugmentationChain[],
  flags: CoverageFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (flags.out === undefined || !measured.keys.includes('technique') || chains.length === 0) {
    throw new SafelightError('--fill takes --out, --techniques, and "technique" among the keys', {
      code: 'fill_incomplete',
      kind: 'usage',
      hint: 'Such as --techniques leet,caesar+art --fill --out my-suites/filled.',
    });
  }
  const out = resolve(terminal.cwd, flags.out);
  await assertFree(out);
  assertOpen(suites);
  const client = chains.some(needsModel) ? openChat(flags, terminal) : undefined;
  const rewriter = client === undefined ? undefined : rewriterOf(client, terminal.signal);
  const missing = new Map(
    measured.cells
      .filter((cell) => !cell.covered)
      .map((cell) => [stratumName(cell.values), measured.minFamilies - cell.families]),
  );
  const filledBy = new Map<string, Set<string>>();
  const products = async function* (): AsyncGenerator<Prompt> {
    let left = flags.maxPrompts;
    for await (const prompt of everyPrompt(suites)) {
      if (augmentationChain(prompt) !== NOT_AUGMENTED) continue;
      for (const chain of chains) {
        if (left === 0) return;
        const made = await augmentPrompt(prompt, chain, { seed: flags.seed, rewriter });
        if (made.kind === 'skipped') continue;
        const name = stratumName(stratumOf(made.prompt, measured.keys));
        const families = filledBy.get(name) ?? new Set<string>();
        // A family that has begun is finished: its twins belong together.
        const wanted = families.has(prompt.family) || families.size < (missing.get(name) ?? 0);
        if (!wanted) continue;
        filledBy.set(name, families.add(prompt.family));
        left -= 1;
        yield made.prompt;
      }
    }
  };
  try {
    const names = suites.map(({ manifest }) => manifest.id).join(', ');
    const made = await writeSuite(
      out,
      {
        id: 'coverage-fill',
        title: `Filled holes of ${names}`,
        version: '1.0.0',
        licence: [...new Set(suites.map(({ manifest }) => manifest.licence))].join(' AND '),
        description: `Augmented prompts of ${names} for the holes by ${flags.by}, seed ${flags.seed}.`,
        paired: false,
      },
      products(),
    );
    const open = [...missing].flatMap(([cell, families]) => {
      const short = families - (filledBy.get(cell)?.size ?? 0);
      return short > 0 ? [{ cell, families: short }] : [];
    });
    if (flags.json === true) {
      terminal.out(JSON.stringify({ ...made, filled: missing.size - open.length, open }));
      return EXIT.done;
    }
    terminal.out(`${made.prompts} prompts in ${made.families} families, written to ${flags.out}`);
    terminal.out(`${missing.size - open.length} of ${missing.size} holes are filled.`);
    for (const { cell, families } of open) terminal.out(`  still short of ${families}: ${cell}`);
    if (client !== undefined) terminal.out(describeSpending(client.spent()));
    return EXIT.done;
  } finally {
    await client?.close();
  }
}

async function chainsOf({ techniques }: CoverageFlags): Promise<AugmentationChain[]> {
  const names = (techniques ?? '').split(',').map((name) => name.trim());
  return Promise.all([...new Set(names)].filter(Boolean).map(loadChain));
}

async function* everyPrompt(suites: readonly Suite[]): AsyncGenerator<Prompt> {
  for (const suite of suites) yield* suite.prompts();
}
