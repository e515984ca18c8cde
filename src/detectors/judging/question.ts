import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { inputError } from '../../core/errors.ts';
import { sha256Of } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseYaml, yamlLines } from '../../core/parse-yaml.ts';
import { fillText, placeholdersIn } from '../../core/template.ts';
import type { ChatMessage, ChatPart } from '../../net/chat.ts';

const words = z.string().min(1);

/** A question as a file holds it. */
export const questionSchema = z.strictObject({
  id: words,
  version: words,
  /** What the judge is told before. */
  system: words.optional(),
  /** Stands before the medium. */
  user: words,
  /** Stands after it. */
  after: words.optional(),
});
export type Question = z.output<typeof questionSchema>;

/** Where the package keeps its questions. */
const FOLDER = new URL('../../../prompts/judges/', import.meta.url);

/**
 * Parses a question and checks its placeholders.
 *
 * @param known names that will have a value.
 * @throws SafelightError with file and line; `placeholder_unknown` with the nearest name.
 */
export function parseQuestion(text: string, file: string, known: readonly string[]): Question {
  const question = parseYaml(text, file, questionSchema);
  checkPlaceholders(text, file, question, known);
  return question;
}

/** @throws SafelightError `placeholder_unknown`, with file and line. */
export function checkPlaceholders(
  text: string,
  file: string,
  parts: { readonly [Key in 'system' | 'user' | 'after']?: string | undefined },
  known: readonly string[],
): void {
  for (const key of ['system', 'user', 'after'] as const) {
    const name = placeholdersIn(parts[key] ?? '').find((one) => !known.includes(one));
    if (name === undefined) continue;
    throw inputError(
      { file, line: yamlLines(text)([key]) },
      `${key}: unknown placeholder {${name}}`,
      {
        code: 'placeholder_unknown',
        hint: `${didYouMean(name, known)} {{${name}}} writes the braces themselves.`,
      },
    );
  }
}

/** Reads one of the package's own questions. */
export async function readQuestion(name: string, known: readonly string[]): Promise<Question> {
  const file = `prompts/judges/${name}.yaml`;
  const text = await readFile(fileURLToPath(new URL(`${name}.yaml`, FOLDER)), 'utf8');
  return parseQuestion(text, file, known);
}

/** A file of the package's prompts, such as `taxonomy.yaml`. */
export function readPromptsFile(name: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`../${name}`, FOLDER)), 'utf8');
}

/** Names what was asked: everything of it but the medium and the words that came with it. */
export function hashQuestions(questions: readonly unknown[]): string {
  return sha256Of(questions);
}

/** A question filled in, with the medium in its middle. */
export function buildMessages(
  { system, user, after }: Omit<Question, 'id' | 'version'>,
  values: Readonly<Record<string, string>>,
  media: readonly ChatPart[],
): ChatMessage[] {
  const filled = fillText(user, values).trim();
  const end = after === undefined ? '' : fillText(after, values).trim();
  const content: ChatMessage['content'] =
    media.length === 0
      ? [filled, end].filter((part) => part !== '').join('\n\n')
      : [
          { kind: 'text', text: filled },
          ...media,
          ...(end === '' ? [] : [{ kind: 'text', text: end } as const]),
        ];
  return [
    ...(system === undefined
      ? []
      : [{ role: 'system', content: fillText(system, values).trim() } as const]),
    { role: 'user', content },
  ];
}
