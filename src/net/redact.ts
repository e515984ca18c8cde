import { PROMPT_PLACEHOLDER } from '../core/evidence.ts';

/** Stands wherever a secret stood. */
export const SECRET_PLACEHOLDER = '⟨secret⟩';

// Longest string kept: an error page tells its cause in its first lines.
const MAX_STRING_LENGTH = 2_000;
const MAX_DEPTH = 12;
// A prompt this short could be part of other words: it is replaced only where it stands alone.
const SHORT_PROMPT_LENGTH = 12;

const SECRET_KEY = /^(authorization|cookie|set-cookie|.*(token|api[-_]?key|password|secret))$/i;

export interface RedactorOptions {
  /** Replaced by {@link PROMPT_PLACEHOLDER}, also in its JSON and URL encodings. */
  readonly promptText: string;
  /** Tokens and passwords in use. Empty strings are ignored. */
  readonly secrets?: readonly string[];
}

/**
 * Makes a function that turns anything into JSON that may be stored: the prompt and all secrets
 * replaced, signatures cut off URLs, inlined media replaced by its length, long strings cut.
 */
export function createRedactor(options: RedactorOptions): (value: unknown) => unknown {
  const redactText = createTextRedactor(options);
  const visit = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return redactText(value);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value !== 'object') return undefined;
    if (depth >= MAX_DEPTH) return '⟨too deep⟩';
    if (Array.isArray(value)) return value.map((item) => visit(item, depth + 1) ?? null);
    const entries = Object.entries(value).flatMap(([key, item]) => {
      const kept =
        SECRET_KEY.test(key) && item !== null ? SECRET_PLACEHOLDER : visit(item, depth + 1);
      return kept === undefined ? [] : [[redactText(key), kept] as const];
    });
    return Object.fromEntries(entries);
  };
  return (value) => visit(value, 0);
}

/** The same for a single string, such as an error message. */
export function createTextRedactor(options: RedactorOptions): (text: string) => string {
  const secrets = (options.secrets ?? []).filter((secret) => secret.length > 0);
  const prompts = promptPatterns(options.promptText);
  return (text) => {
    let redacted = text;
    for (const secret of secrets) redacted = redacted.replaceAll(secret, SECRET_PLACEHOLDER);
    for (const pattern of prompts) redacted = redacted.replace(pattern, PROMPT_PLACEHOLDER);
    redacted = redacted
      .replace(/data:([\w.+-]+\/[\w.+-]+)?[;,][^\s"']{64,}/g, (uri, mime: string | undefined) => {
        return `data:${mime ?? ''},⟨${uri.length} characters⟩`;
      })
      .replace(/https?:\/\/[^\s"'<>)\]}]+/g, redactUrl);
    return redacted.length <= MAX_STRING_LENGTH
      ? redacted
      : `${redacted.slice(0, MAX_STRING_LENGTH)}⟨${redacted.length - MAX_STRING_LENGTH} more⟩`;
  };
}

/** A URL without user, password, query and fragment: signatures live there. */
export function redactUrl(url: string): string {
  return url.replace(/^(https?:\/\/)[^/?#@]*@/, '$1').replace(/[?#].*$/s, '?⟨query⟩');
}

const SIGNING_NAME =
  /^(x-(amz|goog|ms|oss)-.*|.*sig(nature)?|.*token|.*key|.*key-?id|.*secret|password|auth.*|credential|policy|jwt|hmac|se|sp)$/i;
// Longer than any id.
const LONGEST_PLAIN_VALUE = 80;

/** Whether whoever holds a URL may do what its query or its user part allows. */
export function isSignedUrl(url: string): boolean {
  if (!URL.canParse(url, 'https://base.invalid')) return false;
  const { username, password, searchParams } = new URL(url, 'https://base.invalid');
  return (
    username !== '' ||
    password !== '' ||
    [...searchParams].some(
      ([name, value]) => SIGNING_NAME.test(name) || value.length > LONGEST_PLAIN_VALUE,
    )
  );
}

function promptPatterns(promptText: string): RegExp[] {
  const trimmed = promptText.trim();
  if (trimmed === '') return [];
  const json = JSON.stringify(trimmed).slice(1, -1);
  const forms = new Set([trimmed, json, JSON.stringify(json).slice(1, -1), encode(trimmed)]);
  const alone = trimmed.length < SHORT_PROMPT_LENGTH;
  return [...forms]
    .sort((a, b) => b.length - a.length)
    .map((form) => {
      // Apps often fold white space and case before they echo a prompt.
      const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
      return new RegExp(alone ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped, 'giu');
    });
}

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    // A lone surrogate has no URL encoding.
    return text;
  }
}
