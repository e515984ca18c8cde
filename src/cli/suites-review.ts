import { createInterface } from 'node:readline/promises';
import { SafelightError } from '../core/errors.ts';
import type { Prompt } from '../core/prompt.ts';
import {
  applyReviews,
  problemOfEdit,
  type Review,
  unreviewedFamilies,
} from '../suites/review-suite.ts';
import { assertOpen } from '../suites/write-suite.ts';
import { type AddCommand, examples } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { openSuiteFrom } from './prompt-source.ts';
import type { Terminal } from './terminal.ts';

interface ReviewFlags {
  readonly accept?: string;
  readonly reject?: string;
  readonly json?: boolean;
}

/** Adds `review` below `suites`. */
export const addReview: AddCommand = (suites, { terminal, action }) => {
  suites
    .command('review <suite>')
    .description('accept, reject or edit drafted prompts, pair by pair')
    .option('--accept <ids>', 'ids of prompts or families by comma, or "all", without asking')
    .option('--reject <ids>', 'the same, to remove them')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'safelight suites review ./my-suites/drafts',
        'safelight suites review ./my-suites/drafts --accept all --reject my-policy-knives-003',
      ),
    )
    .action(action((suite: string, flags: ReviewFlags) => review(suite, flags, terminal)));
};

async function review(
  reference: string,
  flags: ReviewFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const suite = await openSuiteFrom(reference, terminal.cwd, terminal.env);
  assertOpen([suite]);
  const families = await unreviewedFamilies(suite.prompts());
  const reviews =
    flags.accept === undefined && flags.reject === undefined
      ? await askAll(families, terminal)
      : // What is rejected by name stays rejected beside "--accept all".
        new Map<string, Review>([
          ...named(flags.accept, families).map((id) => [id, { kind: 'accept' }] as const),
          ...named(flags.reject, families).map((id) => [id, { kind: 'reject' }] as const),
        ]);
  const left = await applyReviews(suite.path, suite.prompts(), reviews);
  const kinds = [...reviews.values()].map(({ kind }) => kind);
  const count = (kind: Review['kind']): number => kinds.filter((one) => one === kind).length;
  const result = {
    accepted: count('accept') + count('edit'),
    edited: count('edit'),
    rejected: count('reject'),
    ...left,
  };
  if (flags.json === true) terminal.out(JSON.stringify(result));
  else {
    terminal.out(
      `${result.accepted} families accepted (${result.edited} edited), ${result.rejected} rejected; ${left.prompts} prompts are left, ${left.unreviewed} of them unreviewed`,
    );
  }
  return EXIT.done;
}

/** Families by their own id or that of one of their prompts. @throws SafelightError `review_unknown`. */
function named(list: string | undefined, families: ReadonlyMap<string, Prompt[]>): string[] {
  if (list === undefined) return [];
  if (list.trim() === 'all') return [...families.keys()];
  const names = list.split(',').map((name) => name.trim());
  return names.filter(Boolean).map((name) => {
    for (const [family, prompts] of families) {
      if (family === name || prompts.some(({ id }) => id === name)) return family;
    }
    throw new SafelightError(`nothing unreviewed is called "${name}"`, {
      code: 'review_unknown',
      kind: 'usage',
      hint: 'Ids stand in the suite; without --accept and --reject each pair is shown.',
    });
  });
}

async function askAll(
  families: ReadonlyMap<string, Prompt[]>,
  terminal: Terminal,
): Promise<Map<string, Review>> {
  if (!terminal.isInteractive) {
    throw new SafelightError('a review asks a person at a terminal', {
      code: 'review_not_interactive',
      kind: 'usage',
      hint: 'Without one, name what to keep with --accept <ids> and what to remove with --reject <ids>.',
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const reviews = new Map<string, Review>();
  try {
    for (const [family, prompts] of families) {
      const ask = (question: string) => lines.question(question, { signal: terminal.signal });
      for (const { intent, text, reason } of prompts) {
        terminal.err(`\n${intent}: ${text}\n  ${reason}`);
      }
      const answer = await askChoice(ask, terminal);
      if (answer === 'q') break;
      if (answer === 'a') reviews.set(family, { kind: 'accept' });
      if (answer === 'r') reviews.set(family, { kind: 'reject' });
      if (answer === 'e')
        reviews.set(family, { kind: 'edit', texts: await askTexts(prompts, ask, terminal) });
    }
  } catch (error) {
    // What was decided before Ctrl-C is kept.
    if (!terminal.signal.aborted) throw error;
  } finally {
    lines.close();
  }
  return reviews;
}

/** Asks until one of the letters is given. */
async function askChoice(
  ask: (question: string) => Promise<string>,
  terminal: Terminal,
): Promise<string> {
  for (;;) {
    const answer = (await ask('[a]ccept, [r]eject, [e]dit, [s]kip, [q]uit? ')).trim();
    if (['a', 'r', 'e', 's', 'q'].includes(answer)) return answer;
    terminal.err('One of the letters a, r, e, s and q.');
  }
}

/** Asks for each text until it may stand. Nothing at all keeps the text; spaces alone are no text. */
async function askTexts(
  prompts: readonly Prompt[],
  ask: (question: string) => Promise<string>,
  terminal: Terminal,
): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { id, intent } of prompts) {
    for (;;) {
      const text = await ask(`${intent}, empty to keep: `);
      if (text === '') break;
      const problem = problemOfEdit(text);
      if (problem === undefined) {
        texts.set(id, text.trim());
        break;
      }
      terminal.err(`Not taken: ${problem}. Once more, or Enter to keep the text as it is.`);
    }
  }
  return texts;
}
