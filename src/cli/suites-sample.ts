import { resolve } from 'node:path';
import type { Prompt } from '../core/prompt.ts';
import { sampleStrata } from '../suites/sample-strata.ts';
import { parseStrata } from '../suites/strata.ts';
import type { Suite } from '../suites/suite.ts';
import { assertFree, assertOpen, writeSuite } from '../suites/write-suite.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { wholeNumber } from './options.ts';
import { openSuiteFrom } from './prompt-source.ts';
import type { Terminal } from './terminal.ts';

interface SampleFlags {
  readonly n: number;
  readonly stratify: string;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

/** Adds `sample` below `suites`. */
export const addSample: AddCommand = (suites, { terminal, action }) => {
  suites
    .command('sample <suite>')
    .description('draw a balanced part of a suite, by whole families')
    .requiredOption('--n <prompts>', 'prompts, at most', wholeNumber('--n', 1, 1e7))
    .option('--stratify <keys>', 'keep these equal, by comma', 'hazard,intent')
    .option('--seed <n>', 'the same one draws the same', wholeNumber('--seed', 0, 2 ** 31 - 1), 0)
    .option('--out <folder>', 'write a suite; without it the ids are printed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'safelight suites sample starter --n 40 --stratify hazard,intent --seed 7',
        'safelight suites sample starter --n 40 --out my-suites/forty',
      ),
    )
    .action(action((reference: string, flags: SampleFlags) => sample(reference, flags, terminal)));
};

async function sample(
  reference: string,
  flags: SampleFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const out = flags.out === undefined ? undefined : resolve(terminal.cwd, flags.out);
  if (out !== undefined) await assertFree(out);
  const suite = await openSuiteFrom(reference, terminal.cwd, terminal.env);
  if (out !== undefined) assertOpen([suite]);
  const keys = parseStrata(flags.stratify);
  const drawn = await sampleStrata(suite.prompts(), { prompts: flags.n, keys, seed: flags.seed });
  // Whole families may leave a stratum one family short; only what ran out is a shortage.
  const short = drawn.strata.filter((one) => one.available < Math.floor(one.wanted));
  const ids: string[] = [];
  if (out === undefined) {
    for await (const { id } of chosen(suite, drawn.families)) ids.push(id);
  } else {
    const { manifest } = suite;
    await writeSuite(
      out,
      {
        id: `${manifest.id}-sample`,
        title: `${manifest.title}, sample`,
        version: manifest.version,
        licence: manifest.licence,
        description: `At most ${flags.n} prompts of ${manifest.id} ${manifest.version} (sha256 ${manifest.sha256}), by ${flags.stratify}, seed ${flags.seed}.`,
        paired: manifest.paired,
      },
      chosen(suite, drawn.families),
    );
  }
  if (flags.json === true) {
    const { families, ...rest } = drawn;
    terminal.out(
      JSON.stringify({
        ...rest,
        families: families.size,
        short,
        ...(out === undefined ? { ids } : {}),
      }),
    );
    return EXIT.done;
  }
  for (const id of ids) terminal.out(id);
  // Ids may go into a pipe.
  const say = out === undefined ? terminal.err : terminal.out;
  say(`${drawn.prompts} prompts in ${drawn.families.size} families of ${flags.n} wanted`);
  for (const { stratum, wanted, available } of short) {
    say(`  too few: ${stratum} has ${available}, an equal share is ${Math.floor(wanted)}`);
  }
  return EXIT.done;
}

async function* chosen(suite: Suite, families: ReadonlySet<string>): AsyncGenerator<Prompt> {
  for await (const prompt of suite.prompts()) if (families.has(prompt.family)) yield prompt;
}
