import type { Defence } from '../core/defence.ts';
import type { Finding } from '../core/finding.ts';
import type { Detector, PromptContext, Subject } from '../detectors/detector.ts';
import { toFindings } from '../detectors/detector.ts';

/** What a rewriter made of a prompt. */
export type Rewriting =
  | { readonly kind: 'rewritten'; readonly text: string; readonly costUsd: number | null }
  /** It declined, which is a refusal of the request. */
  | { readonly kind: 'refused' }
  /** It could not be asked: infrastructure failed. */
  | { readonly kind: 'failed'; readonly message: string };

/** A layer with what it needs to act. */
export type DefenceLayer =
  | {
      readonly kind: 'filter';
      readonly defence: Extract<Defence, { on: 'prompt' | 'output' }>;
      readonly detector: Detector;
    }
  | {
      readonly kind: 'rewriter';
      readonly defence: Extract<Defence, { on: 'rewrite' }>;
      rewrite(text: string, signal: AbortSignal): Promise<Rewriting>;
    };

/** What a filter decided, and on what. */
export interface FilterDecision {
  readonly blocked: boolean;
  /** The highest score of any claimed pair; undefined where it could not tell. */
  readonly score: number | undefined;
  readonly costUsd: number | null;
}

/** Asks a filter about a prompt or a medium. Rejects only with the reason of `signal`. */
export async function askFilter(
  { defence, detector }: Extract<DefenceLayer, { kind: 'filter' }>,
  subject: Subject,
  prompt: PromptContext | undefined,
  signal: AbortSignal,
): Promise<FilterDecision> {
  const results = await detector.detect(subject, { signal, prompt, earlier: [] });
  const findings = toFindings(detector.description, null, results);
  const score = highestScore(findings);
  const costs = findings.map(({ costUsd }) => (costUsd === undefined ? 0 : costUsd));
  return {
    blocked: score === undefined ? defence.unsure === 'block' : score >= defence.threshold,
    score,
    costUsd: costs.includes(null)
      ? null
      : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
  };
}

function highestScore(findings: readonly Finding[]): number | undefined {
  const answered = findings.flatMap(({ result }) => (result.kind === 'scores' ? [result] : []));
  if (answered.length === 0) return undefined;
  const scores = answered.flatMap((result) =>
    result.scores.map(({ score, peak }) => Math.max(score, peak ?? 0)),
  );
  return Math.max(0, ...scores);
}

/** Replaces words and phrases, whole and in any case; longer ones first. Pure. */
export function replaceWords(text: string, replace: Readonly<Record<string, string>>): string {
  const names = Object.keys(replace).sort((a, b) => b.length - a.length);
  if (names.length === 0) return text;
  const values = new Map(names.map((name) => [name.toLowerCase(), replace[name] ?? '']));
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`,
    'giu',
  );
  return text.replace(pattern, (found) => values.get(found.toLowerCase()) ?? found);
}
