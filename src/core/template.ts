import { didYouMean } from './nearest.ts';
import type { Parameters } from './trial.ts';

/** A value that a placeholder can stand for. One with parts fits only where it stands alone in JSON. */
export type TemplateValue = Parameters[string];
export type TemplateValues = Readonly<Record<string, TemplateValue>>;

// `{name}` is a placeholder, `{{name}}` the word in braces itself, `${NAME}` a secret's variable.
const PLACEHOLDER = /\{\{([A-Za-z_]\w*)\}\}|(?<!\$)\{([A-Za-z_]\w*)\}/g;
const WHOLE = /^\{([A-Za-z_]\w*)\}$/;
const SECRET = /\$\{([A-Za-z_]\w*)\}/g;

/** All texts of a template with the keys that lead to them. */
export interface TemplateLeaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

export function leavesOf(
  template: unknown,
  path: readonly (string | number)[] = [],
): TemplateLeaf[] {
  if (typeof template !== 'object' || template === null) return [{ path, value: template }];
  return Array.isArray(template)
    ? template.flatMap((item, index) => leavesOf(item, [...path, index]))
    : Object.entries(template).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** Names of the placeholders in a text. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, , name]) =>
    name === undefined ? [] : [name],
  );
}

/** What is wrong with the first placeholder of a text that is not among the known ones. */
export function explainUnknown(text: string, known: readonly string[]): string | undefined {
  const name = placeholdersIn(text).find((placeholder) => !known.includes(placeholder));
  return name === undefined
    ? undefined
    : `unknown variable {${name}}. ${didYouMean(name, known)} Values of your own stand under \`parameters\`; {{${name}}} writes the braces`;
}

/** Names of the variables `${NAME}` in a text. */
export function secretsIn(text: string): string[] {
  return [...text.matchAll(SECRET)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** The name of the placeholder that a text consists of. */
export function wholePlaceholder(value: unknown): string | undefined {
  return typeof value === 'string' ? WHOLE.exec(value)?.[1] : undefined;
}

/**
 * Fills in a text, in one pass, so that braces in a value stay what they are. A placeholder without
 * a value stays as it is.
 */
export function fillText(
  text: string,
  values: TemplateValues,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replace(PLACEHOLDER, (whole, literal?: string, name?: string) => {
    if (literal !== undefined) return `{${literal}}`;
    return name !== undefined && Object.hasOwn(values, name) ? encode(String(values[name])) : whole;
  });
}

/** Fills in the part of a URL: no value can change its structure. */
export function fillUrl(url: string, values: TemplateValues): string {
  // A lone surrogate has no encoding in a URL: `Buffer` replaces it.
  return fillText(url, values, (value) => encodeURIComponent(Buffer.from(value).toString()));
}

/** Fills in JSON. A text that is nothing but a placeholder becomes the value with its type. */
export function fillJson(template: unknown, values: TemplateValues): unknown {
  if (typeof template === 'string') {
    const name = wholePlaceholder(template);
    return name !== undefined && Object.hasOwn(values, name)
      ? values[name]
      : fillText(template, values);
  }
  if (typeof template !== 'object' || template === null) return template;
  if (Array.isArray(template)) return template.map((item) => fillJson(item, values));
  return Object.fromEntries(
    Object.entries(template).map(([key, item]) => [key, fillJson(item, values)]),
  );
}

/** Fills in a header: placeholders, and secrets by the names of their variables. */
export function fillHeader(
  template: string,
  values: TemplateValues,
  secrets: Readonly<Record<string, string>>,
): string {
  // In one pass: a secret is never searched for placeholders.
  return template
    .split(/(\$\{[A-Za-z_]\w*\})/)
    .map((part) => {
      const [name] = secretsIn(part);
      return name === undefined ? fillText(part, values) : (secrets[name] ?? '');
    })
    .join('');
}
