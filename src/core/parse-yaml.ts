import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { inputError, type SafelightError } from './errors.ts';
import { didYouMean } from './nearest.ts';

/**
 * Parses a YAML file that a user wrote.
 *
 * @param file name for messages, as the user knows it.
 * @throws SafelightError `yaml_invalid` or `yaml_unexpected`, with file and line.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) {
    throw inputError({ file, line: lines.linePos(broken.pos[0]).line }, broken.message, {
      code: 'yaml_invalid',
      hint: 'Check the indentation and the quotes around that line.',
      cause: broken,
    });
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return parsed.data;
  throw unexpected(parsed.error, schema, file, (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  });
}

/**
 * Checks a part of a file that was parsed before, such as an endpoint's options.
 *
 * @param at where the value stands in the file, such as `endpoints[0]`.
 */
export function parseOptions<Schema extends z.ZodType>(
  value: unknown,
  at: string,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unexpected(parsed.error, schema, at, () => undefined);
}

function unexpected(
  error: z.ZodError,
  schema: z.ZodType,
  file: string,
  lineOf: (path: readonly PropertyKey[]) => number | undefined,
): SafelightError {
  const issue = error.issues[0];
  if (issue === undefined) throw error;
  const name = formatPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return inputError(
      { file, line: lineOf([...issue.path, key]) },
      `unknown key "${key}"${name === '' ? '' : ` in ${name}`}`,
      { code: 'yaml_unexpected', hint: didYouMean(key, knownKeys(schema, issue.path)) },
    );
  }
  return inputError(
    { file, line: lineOf(issue.path) },
    name === '' ? issue.message : `${name}: ${issue.message}`,
    { code: 'yaml_unexpected', cause: error },
  );
}

function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

const jsonSchemaNode = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown(),
  anyOf: z.array(z.unknown()).default([]),
  oneOf: z.array(z.unknown()).default([]),
  allOf: z.array(z.unknown()).default([]),
});
type JsonSchemaNode = z.output<typeof jsonSchemaNode>;

/** Keys that a schema knows at a path. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let level = branches(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  for (const key of path) {
    level = level.flatMap((node) =>
      branches(typeof key === 'number' ? node.items : node.properties[String(key)]),
    );
  }
  return [...new Set(level.flatMap((node) => Object.keys(node.properties)))];
}

/** A node of a JSON Schema with all its alternatives. */
function branches(value: unknown): JsonSchemaNode[] {
  const node = jsonSchemaNode.safeParse(value);
  if (!node.success) return [];
  const { anyOf, oneOf, allOf } = node.data;
  return [node.data, ...[...anyOf, ...oneOf, ...allOf].flatMap(branches)];
}
