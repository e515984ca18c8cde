import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import { parseRulePolicy } from '../core/rule-policy.ts';
import { createGenerationCounts, generatePairs } from '../suites/generate-pairs.ts';
import { assertFree, writeSuite } from '../suites/write-suite.ts';
import { addChatFlags, type ChatFlags, describeSpending, openChat } from './chat-options.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { wholeNumber } from './options.ts';
import { createProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

interface GenerateFlags extends ChatFlags {
  readonly policy: string;
  readonly n: number;
  readonly out: string;
  readonly json?: boolean;
}

/** Adds `generate` below `suites`. */
export const addGenerate: AddCommand = (suites, { terminal, action }) => {
  const command = suites
    .command('generate')
    .description('draft paired prompts for the rules of a policy; they run once they are reviewed')
    .requiredOption('--policy <file>', 'YAML with rules, see docs/custom-policies.md')
    .requiredOption(
      '--n <pairs>',
      'pairs, shared between the rules',
      wholeNumber('--n', 1, 100_000),
    )
    .requiredOption('--out <folder>', 'where to write the suite')
    .option('--json', 'print JSON');
  addChatFlags(command)
    .addHelpText(
      'after',
      examples(
        'safelight suites generate --policy my.yaml --n 50 --base-url http://127.0.0.1:8000/v1 --model my-model --out my-suites/drafts',
      ),
    )
    .action(action((flags: GenerateFlags) => generate(flags, terminal)));
};

async function generate(flags: GenerateFlags, terminal: Terminal): Promise<ExitCode> {
  const out = resolve(terminal.cwd, flags.out);
  await assertFree(out);
  const text = await readFile(resolve(terminal.cwd, flags.policy), 'utf8').catch((cause) => {
    throw new SafelightError(`cannot read the policy ${flags.policy}`, {
      code: 'policy_missing',
      kind: 'usage',
      hint: 'Name a YAML file; docs/custom-policies.md shows one.',
      cause,
    });
  });
  const policy = parseRulePolicy(text, basename(flags.policy));
  const client = openChat(flags, terminal);
  const counts = createGenerationCounts();
  const progress = createProgress('generate', terminal, flags.json === true);
  const drafts = async function* (): AsyncGenerator<Prompt> {
    for await (const prompt of generatePairs(policy, flags.n, client, terminal.signal, counts)) {
      if (prompt.intent === 'harmful') progress.advance();
      yield prompt;
    }
  };
  try {
    progress.start(flags.n);
    const made = await writeSuite(
      out,
      {
        id: policy.id,
        title: policy.title,
        version: '0.1.0',
        licence: policy.licence,
        description: `Drafted by ${client.model} from the rules of ${policy.id}; not reviewed where tagged so.`,
        paired: true,
      },
      drafts(),
    );
    progress.stop();
    const missing = [...counts.missing].map(([rule, pairs]) => ({ rule, pairs }));
    if (flags.json === true) {
      terminal.out(JSON.stringify({ ...made, ...counts, missing, spent: client.spent() }));
      return EXIT.done;
    }
    terminal.out(`${counts.pairs} pairs, all unreviewed, written to ${flags.out}`);
    terminal.out(
      `left out: ${counts.duplicates} duplicates, ${counts.stoppedByGuard} stopped by the minors guard, ${counts.unusable} unusable, ${counts.declined} declined`,
    );
    for (const { rule, pairs } of missing) terminal.out(`  ${rule}: ${pairs} pairs are missing`);
    terminal.out(describeSpending(client.spent()));
    terminal.out(`Next: safelight suites review ${flags.out}`);
    return EXIT.done;
  } catch (error) {
    progress.stop();
    terminal.err(describeSpending(client.spent()));
    throw error;
  } finally {
    await client.close();
  }
}
