import { join, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { INTENTS, type Prompt } from '../core/prompt.ts';
import { needsModel, type Rewriter } from '../suites/augmentations/augment-prompt.ts';
import {
  type AugmentationPlan,
  augmentPrompts,
  createChainCounts,
  skipsOf,
} from '../suites/augmentations/augment-prompts.ts';
import {
  AUGMENTATION_NAMES,
  loadAugmentation,
  loadChain,
} from '../suites/augmentations/registry.ts';
import { readTemplate } from '../suites/augmentations/templates.ts';
import { assertFree, assertOpen, writeSuite } from '../suites/write-suite.ts';
import { addChatFlags, type ChatFlags, describeSpending, openChat } from './chat-options.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { wholeNumber } from './options.ts';
import { createProgress } from './progress.ts';
import { openSuiteFrom, shippedSuites } from './prompt-source.ts';
import { printTable } from './table.ts';
import type { Terminal } from './terminal.ts';

interface AugmentFlags extends ChatFlags {
  readonly with?: string;
  readonly intents?: string;
  readonly seed: number;
  readonly out?: string;
  readonly originals?: boolean;
  readonly json?: boolean;
}

/** Adds `augment` below `suites`. */
export const addAugment: AddCommand = (suites, { terminal, action }) => {
  const command = suites
    .command('augment [suite]')
    .description(
      'put the prompts of a suite in other words, letters or languages; without a suite, list the techniques',
    )
    .option('--with <chains>', 'techniques by comma, steps of a chain by plus: leet,caesar+art')
    .option('--intents <intents>', 'only these, by comma (default: all)')
    .option(
      '--seed <n>',
      'another one gives other disguises',
      wholeNumber('--seed', 0, 2 ** 31 - 1),
      0,
    )
    .option('--out <folder>', 'where to write the suite')
    .option('--originals', 'write the plain prompts too')
    .option('--json', 'print JSON');
  addChatFlags(command)
    .addHelpText(
      'after',
      examples(
        'safelight suites augment',
        'safelight suites augment smoke --with leet,caesar+art --out my-suites/smoke-disguised',
        'safelight suites augment smoke --with slang,translate-fr --base-url http://127.0.0.1:8000/v1 --model my-model --out my-suites/smoke-rewritten',
      ),
    )
    .action(
      action((suite: string | undefined, flags: AugmentFlags) =>
        suite === undefined ? listTechniques(flags, terminal) : augment(suite, flags, terminal),
      ),
    );
};

async function listTechniques({ json }: AugmentFlags, terminal: Terminal): Promise<ExitCode> {
  const all = await Promise.all(AUGMENTATION_NAMES.map(loadAugmentation));
  if (json === true) {
    const rows = all.map(({ id, kind, by, title, source }) => ({ id, kind, by, title, source }));
    terminal.out(JSON.stringify(rows, null, 2));
    return EXIT.done;
  }
  const rows = all.toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind < b.kind ? -1 : 1));
  printTable(
    ['technique', 'kind', 'by', 'what it does'],
    rows.map(({ id, kind, by, title }) => [id, kind, by, title]),
    terminal,
  );
  return EXIT.done;
}

async function augment(
  reference: string,
  flags: AugmentFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (flags.with === undefined || flags.out === undefined) {
    throw new SafelightError('suites augment takes --with <chains> and --out <folder>', {
      code: 'augment_incomplete',
      kind: 'usage',
      hint: 'Such as --with leet,caesar+art --out my-suites/disguised. Without a suite it lists the techniques.',
    });
  }
  const out = resolve(terminal.cwd, flags.out);
  await assertFree(out);
  const plans = await plansOf(flags.with, flags);
  const suite = await openSuiteFrom(reference, terminal.cwd, terminal.env);
  assertOpen([suite]);
  const client = plans.some(({ chain }) => needsModel(chain))
    ? openChat(flags, terminal)
    : undefined;
  const progress = createProgress('augment', terminal, flags.json === true);
  const counts = createChainCounts(plans);
  try {
    progress.start(suite.manifest.counts?.prompts ?? (await countPrompts(suite.prompts())));
    const made = await writeSuite(
      out,
      {
        id: `${suite.manifest.id}-augmented`,
        title: `${suite.manifest.title}, augmented`,
        version: suite.manifest.version,
        licence: suite.manifest.licence,
        description: `Made from ${suite.manifest.id} ${suite.manifest.version} (sha256 ${suite.manifest.sha256}) with ${flags.with}, seed ${flags.seed}.`,
        paired: false,
      },
      products(suite.prompts(), plans, counts, {
        originals: flags.originals === true,
        rewriter: client === undefined ? undefined : rewriterOf(client, terminal.signal),
        onRead: () => progress.advance(),
      }),
    );
    progress.stop();
    const spent = client?.spent();
    if (flags.json === true) {
      terminal.out(
        JSON.stringify({
          ...made,
          chains: counts.map((count) => ({ ...count, skipped: skipsOf(count) })),
          ...(spent === undefined ? {} : { spent }),
        }),
      );
      return EXIT.done;
    }
    terminal.out(`${made.prompts} prompts in ${made.families} families`);
    for (const count of counts) {
      terminal.out(`  ${count.chain}: ${count.made}`);
      for (const { reason, count: n } of skipsOf(count)) {
        terminal.out(`    ${n} skipped: ${reason.replaceAll('_', ' ')}`);
      }
    }
    if (spent !== undefined) terminal.out(describeSpending(spent));
    terminal.out(`Written to ${flags.out}; name that folder under "suites" in a pipeline.`);
    return EXIT.done;
  } finally {
    progress.stop();
    await client?.close();
  }
}

/** What techniques by a model are carried out with. */
export function rewriterOf(client: Rewriter['client'], signal: AbortSignal): Rewriter {
  const folder = join(shippedSuites(), 'augmentations');
  const templates = new Map<string, ReturnType<typeof readTemplate>>();
  return {
    client,
    signal,
    template: (id) => {
      const known = templates.get(id) ?? readTemplate(id, folder);
      templates.set(id, known);
      return known;
    },
  };
}

async function* products(
  prompts: AsyncIterable<Prompt>,
  plans: readonly AugmentationPlan[],
  counts: ReturnType<typeof createChainCounts>,
  options: {
    readonly originals: boolean;
    readonly rewriter: Rewriter | undefined;
    readonly onRead: () => void;
  },
): AsyncGenerator<Prompt> {
  for await (const chunk of inChunks(prompts)) {
    if (options.originals) yield* chunk;
    yield* augmentPrompts(chunk, plans, { rewriter: options.rewriter }, counts);
    for (const _prompt of chunk) options.onRead();
  }
}

async function* inChunks(prompts: AsyncIterable<Prompt>): AsyncGenerator<Prompt[]> {
  let chunk: Prompt[] = [];
  for await (const prompt of prompts) {
    chunk.push(prompt);
    if (chunk.length < 16) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

async function countPrompts(prompts: AsyncIterable<Prompt>): Promise<number> {
  let count = 0;
  for await (const _prompt of prompts) count += 1;
  return count;
}

async function plansOf(list: string, flags: AugmentFlags): Promise<AugmentationPlan[]> {
  const intents = flags.intents?.split(',').map((name) => {
    const intent = INTENTS.find((known) => known === name.trim());
    if (intent !== undefined) return intent;
    throw new SafelightError(`no intent "${name.trim()}"`, {
      code: 'intent_unknown',
      kind: 'usage',
      hint: `There are: ${INTENTS.join(', ')}.`,
    });
  });
  const names = [...new Set(list.split(',').map((name) => name.trim()))].filter(Boolean);
  return Promise.all(
    names.map(async (name) => ({ chain: await loadChain(name), intents, seed: flags.seed })),
  );
}
