import type { FailureCause, Stage } from '../core/outcome.ts';

/** Explicit policy codes, as they stand in a structured field of an answer. Verified 2026-11. */
const POLICY_CODES: ReadonlyMap<string, Stage> = new Map([
  ['moderation_blocked', 'unknown'],
  ['content_policy_violation', 'unknown'],
  ['content_filter', 'unknown'],
  ['responsibleaipolicyviolation', 'unknown'],
  ['content_moderation', 'unknown'],
  ['inputtextsensitivecontentdetected', 'prompt_filter'],
  ['outputimagesensitivecontentdetected', 'output_filter'],
  ['outputvideosensitivecontentdetected', 'output_filter'],
]);

/** Codes of quota and rate that stand beside a status, or without one. */
const FAILURE_CODES: ReadonlyMap<string, FailureCause> = new Map([
  ['insufficient_quota', 'quota'],
  ['quota_exceeded', 'quota'],
  ['billing_hard_limit_reached', 'quota'],
  ['rate_limit_exceeded', 'rate'],
  ['too_many_requests', 'rate'],
]);

/** Fields by which a safety checker speaks of finished media: name, and the value that flags. */
const SAFETY_FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['has_nsfw_concepts', true],
  ['nsfw_content_detected', true],
  ['is_image_safe', false],
  ['respect_moderation', false],
]);

const CODE_KEYS: ReadonlySet<string> = new Set([
  'code',
  'type',
  'name',
  'error_code',
  'error_type',
]);

export function policyStageOf(code: string): Stage | undefined {
  return POLICY_CODES.get(code.toLowerCase());
}

export function failureCauseOf(code: string): FailureCause | undefined {
  return FAILURE_CODES.get(code.toLowerCase());
}

/** The strings in an answer's code fields, outermost first. */
export function codesIn(value: unknown): string[] {
  const codes: string[] = [];
  walk(value, (key, item) => {
    if (CODE_KEYS.has(key) && typeof item === 'string') codes.push(item);
  });
  return codes;
}

/**
 * The safety flag that an answer raises over all of its media, by field name. A flag on some of
 * several media is no refusal.
 */
export function raisedSafetyFlag(value: unknown): string | undefined {
  let raised: string | undefined;
  walk(value, (key, item) => {
    const flagging = SAFETY_FLAGS.get(key);
    if (flagging === undefined) return;
    const values: readonly unknown[] = Array.isArray(item) ? item : [item];
    if (values.length > 0 && values.every((entry) => entry === flagging)) raised ??= key;
  });
  return raised;
}

function walk(value: unknown, see: (key: string, item: unknown) => void, depth = 0): void {
  if (depth > 8 || typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    see(key, item);
    walk(item, see, depth + 1);
  }
}
