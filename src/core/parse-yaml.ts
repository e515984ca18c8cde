import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { inputError, type SafelightError } from './errors.ts';
import { didYouMean, nearestName } from './nearest.ts';

type YamlPath = readonly PropertyKey[];

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
  const value = toValue(document, file);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unexpected(parsed.error, value, schema, file, (path) => lineOf(document, lines, path));
}

/** @throws SafelightError for an alias without its anchor, and for aliases that multiply. */
function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw inputError({ file }, cause instanceof Error ? cause.message : 'cannot be read', {
      code: 'yaml_invalid',
      hint: 'Put values that begin with * or & in quotes; aliases are seldom needed here.',
      cause,
    });
  }
}

/**
 * Where a value stands in a YAML file, for what is found wrong with it after it was parsed.
 *
 * @returns the 1-based line of a path, or of its nearest parent that is there.
 */
export function yamlLines(text: string): (path: YamlPath) => number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return (path) => lineOf(document, lines, path);
}

function lineOf(document: Document, lines: LineCounter, path: YamlPath): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/**
 * Checks a part of a file that was parsed before, such as an endpoint's options or a row.
 *
 * @param at where the value stands, such as `my.yaml:4: endpoints[0]`.
 * @param code of the error, where it is not YAML.
 * @param besides keys that were taken off the value before, which a misspelt one may have meant.
 */
export function parseOptions<Schema extends z.ZodType>(
  value: unknown,
  at: string,
  schema: Schema,
  { code, besides }: { code?: string; besides?: readonly string[] } = {},
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unexpected(parsed.error, value, schema, at, () => undefined, code, besides);
}

function unexpected(
  error: z.ZodError,
  input: unknown,
  schema: z.ZodType,
  file: string,
  lineAt: (path: YamlPath) => number | undefined,
  code = 'yaml_unexpected',
  besides: readonly string[] = [],
): SafelightError {
  const first = error.issues[0];
  if (first === undefined) throw error;
  const issue = likeliestOf(first);
  const name = formatPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return inputError(
      { file, line: lineAt([...issue.path, key]) },
      `unknown key "${key}"${name === '' ? '' : ` in ${name}`}`,
      { code, hint: hintForKey(key, knownKeys(schema, issue.path), besides) },
    );
  }
  return inputError(
    { file, line: lineAt(issue.path) },
    name === '' ? issue.message : `${name}: ${issue.message}`,
    { code, hint: hintFor(issue, valueAt(input, issue.path), schema), cause: error },
  );
}

/**
 * What is wrong with the alternative that was most likely meant: the one with the fewest problems. A key
 * that is none says more than the keys that are missing for it.
 */
function likeliestOf(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const [meant] = issue.errors.toSorted((a, b) => a.length - b.length);
  const inner = meant?.find(({ code }) => code === 'unrecognized_keys') ?? meant?.[0];
  return inner === undefined
    ? issue
    : likeliestOf({ ...inner, path: [...issue.path, ...inner.path] });
}

function hintForKey(key: string, known: string[], besides: readonly string[]): string {
  const taken = nearestName(key, [...known, ...besides]);
  return didYouMean(key, taken === undefined ? known : [taken]);
}

/** The nearest of the allowed names, or else what the key means and which keys there are. */
function hintFor(issue: z.core.$ZodIssue, value: unknown, schema: z.ZodType): string {
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    return didYouMean(value, issue.values.map(String));
  }
  if (issue.code === 'invalid_type' && issue.expected === 'string' && isPlain(value)) {
    return `Put it in quotes: "${value}".`;
  }
  const nodes = nodesAt(schema, issue.path);
  const constants = nodes.map((node) => node.const).filter((one) => typeof one === 'string');
  // The key that tells the kinds of a union apart: its values stand in the kinds.
  if (issue.code === 'invalid_union' && typeof value === 'string' && constants.length > 0) {
    return didYouMean(value, constants);
  }
  const meaning = nodes.find(({ description }) => description !== undefined)?.description;
  if (meaning !== undefined) return meaning;
  const keys = nodes.flatMap(({ properties }) => Object.keys(properties));
  return keys.length === 0
    ? 'This is the first problem that was found; there may be more.'
    : `Its keys are: ${[...new Set(keys)].join(', ')}.`;
}

/** What YAML reads as something else than the string that was meant. */
function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function valueAt(input: unknown, path: YamlPath): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function formatPath(path: YamlPath): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}

const jsonSchemaNode = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  description: z.string().optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.unknown()).default([]),
  oneOf: z.array(z.unknown()).default([]),
  allOf: z.array(z.unknown()).default([]),
});
type JsonSchemaNode = z.output<typeof jsonSchemaNode>;

/** Keys that a schema knows at a path. */
function knownKeys(schema: z.ZodType, path: YamlPath): string[] {
  return [...new Set(nodesAt(schema, path).flatMap((node) => Object.keys(node.properties)))];
}

/** What a schema says about a path, in JSON Schema. */
function nodesAt(schema: z.ZodType, path: YamlPath): JsonSchemaNode[] {
  let level = branches(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  for (const key of path) {
    level = level.flatMap((node) =>
      branches(
        typeof key === 'number'
          ? node.items
          : (node.properties[String(key)] ?? node.additionalProperties),
      ),
    );
  }
  return level;
}

/** A node of a JSON Schema with all its alternatives. */
function branches(value: unknown): JsonSchemaNode[] {
  const node = jsonSchemaNode.safeParse(value);
  if (!node.success) return [];
  const { anyOf, oneOf, allOf } = node.data;
  return [node.data, ...[...anyOf, ...oneOf, ...allOf].flatMap(branches)];
}
