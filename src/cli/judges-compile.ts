import { readFile, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { stringify } from 'yaml';
import { SafelightError } from '../core/errors.ts';
import { parseRulePolicy } from '../core/rule-policy.ts';
import { COMPILE_PLACEHOLDERS, compileRule } from '../detectors/judging/compile-rule.ts';
import type { CompiledRule } from '../detectors/judging/preconditions.ts';
import { readQuestion } from '../detectors/judging/question.ts';
import { chatError } from '../net/chat-client.ts';
import { addChatFlags, type ChatFlags, describeSpending, openChat } from './chat-options.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { createProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

interface CompileFlags extends ChatFlags {
  readonly policy: string;
  readonly out: string;
  readonly json?: boolean;
}

/** Adds `compile` below `judges`. */
export const addCompile: AddCommand = (judges, { terminal, action }) => {
  const command = judges
    .command('compile')
    .description(
      'draft the preconditions of a policy’s rules for the judge `clue`; a person reviews them',
    )
    .requiredOption('--policy <file>', 'YAML with rules, see docs/judges.md')
    .requiredOption('--out <file>', 'where to write them; must not be there yet')
    .option('--json', 'print JSON');
  addChatFlags(command)
    .addHelpText(
      'after',
      examples(
        'safelight judges compile --policy my.yaml --out my.preconditions.yaml --base-url http://127.0.0.1:8000/v1 --model my-model',
      ),
    )
    .action(action((flags: CompileFlags) => compile(flags, terminal)));
};

const HEAD = `# Questions that the judge \`clue\` asks about each rule: every node under \`all\` has to hold, and of a node
# any one question. Read each, change what is wrong, and then set \`reviewed: true\`.
`;

async function compile(flags: CompileFlags, terminal: Terminal): Promise<ExitCode> {
  const text = await readFile(resolve(terminal.cwd, flags.policy), 'utf8').catch((cause) => {
    throw new SafelightError(`cannot read the policy ${flags.policy}`, {
      code: 'policy_missing',
      kind: 'usage',
      hint: 'Name a YAML file; docs/judges.md shows one.',
      cause,
    });
  });
  const policy = parseRulePolicy(text, basename(flags.policy));
  const out = resolve(terminal.cwd, flags.out);
  const isThere = await readFile(out).then(
    () => true,
    () => false,
  );
  if (isThere) {
    throw new SafelightError(`${flags.out} is there already`, {
      code: 'out_exists',
      kind: 'usage',
      hint: 'It may hold what a person reviewed: name another file, or remove it.',
    });
  }
  const question = await readQuestion('compile', COMPILE_PLACEHOLDERS);
  const client = openChat(flags, terminal);
  const progress = createProgress('compile', terminal, flags.json === true);
  const rules: CompiledRule[] = [];
  const unusable: string[] = [];
  try {
    progress.start(policy.rules.length);
    for (const rule of policy.rules) {
      const compiled = await compileRule(rule, question, client, terminal.signal);
      if (compiled.kind === 'failed') throw chatError(compiled.outcome);
      if (compiled.kind === 'compiled') rules.push(compiled.rule);
      else unusable.push(rule.id);
      progress.advance();
    }
    progress.stop();
    if (rules.length === 0) {
      throw new SafelightError('the model gave no preconditions that can be used', {
        code: 'compile_unusable',
        kind: 'environment',
        hint: 'Ask a larger model, or write them yourself: docs/judges.md shows the form.',
      });
    }
    const draft = { policy: policy.id, compiledBy: client.model, reviewed: false, rules };
    await writeFile(out, `${HEAD}${stringify(draft, { lineWidth: 100 })}`, { flag: 'wx' });
  } catch (error) {
    progress.stop();
    terminal.err(describeSpending(client.spent()));
    throw error;
  } finally {
    await client.close();
  }
  if (flags.json === true) {
    const compiled = rules.map(({ id }) => id);
    terminal.out(JSON.stringify({ out: flags.out, compiled, unusable, spent: client.spent() }));
    return EXIT.done;
  }
  terminal.out(`${rules.length} rules taken apart, unreviewed, written to ${flags.out}`);
  for (const id of unusable)
    terminal.out(`  ${id}: no usable answer; write its preconditions yourself`);
  terminal.out(describeSpending(client.spent()));
  terminal.out('Next: read every question, and set `reviewed: true`.');
  return EXIT.done;
}
