import type { Finding } from '../core/finding.ts';
import type { Prompt } from '../core/prompt.ts';

/** What must not be written of a sealed prompt, folded for comparison. */
export type SealedTexts = readonly string[];

/** Stands where an answer or a reading repeated a sealed text. */
export const SEALED_PLACEHOLDER = '⟨sealed⟩';
/** Letters and digits in a row that make a passage recognisable. */
const PASSAGE_LENGTH = 8;

export function textsOf(prompt: Pick<Prompt, 'text' | 'reason' | 'shownText'>): SealedTexts {
  return [prompt.text, prompt.reason, prompt.shownText ?? '']
    .map(fold)
    .filter((text) => text !== '');
}

/** Replaces every string, at whatever depth, that repeats a passage of the texts. */
export function scrubSealed<T>(value: T, texts: SealedTexts): T;
export function scrubSealed(value: unknown, texts: SealedTexts): unknown {
  if (typeof value === 'string') return repeats(value, texts) ? SEALED_PLACEHOLDER : value;
  if (Array.isArray(value)) return value.map((item: unknown) => scrubSealed(item, texts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      repeats(key, texts) ? SEALED_PLACEHOLDER : key,
      scrubSealed(inner, texts),
    ]),
  );
}

/** Findings without whatever a detector read, quoted or told in words: a sign shows its prompt. */
export function sealFindings(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    const { result } = finding;
    if (!('detail' in result) || result.detail === undefined) return finding;
    const { words: _words, hits: _hits, other: _other, notes: _notes, ...detail } = result.detail;
    const { steps: _steps, ...kept } = detail;
    return { ...finding, result: { ...result, detail: kept } };
  });
}

function repeats(text: string, texts: SealedTexts): boolean {
  return [text, decoded(text)].map(fold).some((folded) =>
    texts.some((secret) => {
      if (folded.length < PASSAGE_LENGTH || secret.length < PASSAGE_LENGTH) {
        return secret.length > 0 && folded === secret;
      }
      for (let at = 0; at + PASSAGE_LENGTH <= secret.length; at += 1) {
        if (folded.includes(secret.slice(at, at + PASSAGE_LENGTH))) return true;
      }
      return false;
    }),
  );
}

/** Providers send addresses back with the prompt in them. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}
