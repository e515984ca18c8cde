import { basename } from 'node:path';
import { z } from 'zod';
import { inputError } from '../../core/errors.ts';
import { sha256Of } from '../../core/ids.ts';
import { didYouMean } from '../../core/nearest.ts';
import { parseYaml, yamlLines } from '../../core/parse-yaml.ts';
import { idSchema } from '../../core/prompt.ts';
import type { PolicyRule, RulePolicy } from '../../core/rule-policy.ts';

const sentence = z.string().min(1).max(500);

/** A rule made objective, and taken apart: all nodes hold, and of a node any one question. */
export const compiledRuleSchema = z.strictObject({
  id: idSchema,
  /** Of the rule's words, so that a changed rule is compiled again. */
  ruleSha256: z.string().regex(/^[0-9a-f]{64}$/),
  objective: sentence.describe('The rule without words that people understand differently.'),
  all: z
    .array(z.strictObject({ any: z.array(sentence).min(1).max(8) }))
    .min(1)
    .max(12)
    .describe('Questions that Yes or No answers; the rule is broken where every node has a Yes.'),
});
export type CompiledRule = z.output<typeof compiledRuleSchema>;

export const preconditionsSchema = z.strictObject({
  policy: idSchema,
  compiledBy: z.string().min(1),
  reviewed: z.boolean().describe('Set it to true once a person has read every question.'),
  rules: z.array(compiledRuleSchema).min(1),
});
export type Preconditions = z.output<typeof preconditionsSchema>;

export function hashRule({ id, hazard, carrier, forbidden, allowed }: PolicyRule): string {
  return sha256Of({ id, hazard, carrier, forbidden, allowed });
}

/**
 * Parses compiled preconditions and holds them against their policy.
 *
 * @param path for messages.
 * @throws SafelightError `preconditions_unreviewed`, `preconditions_stale`, `preconditions_other`.
 */
export function parsePreconditions(
  text: string,
  path: string,
  policy: RulePolicy,
  allowUnreviewed: boolean,
): Preconditions {
  const file = basename(path);
  const preconditions = parseYaml(text, file, preconditionsSchema);
  const lineOf = yamlLines(text);
  const fail = (at: readonly PropertyKey[], problem: string, code: string, hint: string): never => {
    throw inputError({ file, line: lineOf(at) }, problem, { code, hint });
  };
  if (preconditions.policy !== policy.id) {
    fail(
      ['policy'],
      `it was compiled for the policy ${preconditions.policy}, not ${policy.id}`,
      'preconditions_other',
      'Name the preconditions of this policy, or compile them: safelight judges compile.',
    );
  }
  if (!preconditions.reviewed && !allowUnreviewed) {
    fail(
      ['reviewed'],
      'the preconditions are a draft that nobody has reviewed',
      'preconditions_unreviewed',
      'Read every question, then set `reviewed: true`; `allowUnreviewed: true` tries them before.',
    );
  }
  const compile = 'Compile it again: safelight judges compile --policy <file> --out <file>.';
  for (const [index, { id, ruleSha256 }] of preconditions.rules.entries()) {
    const rule = policy.rules.find((one) => one.id === id);
    if (rule === undefined) {
      const known = policy.rules.map((one) => one.id);
      const hint = didYouMean(id, known);
      return fail(['rules', index], `no rule "${id}" in ${policy.id}`, 'preconditions_other', hint);
    }
    if (hashRule(rule) !== ruleSha256) {
      fail(['rules', index], `the rule ${id} has changed since`, 'preconditions_stale', compile);
    }
  }
  const missing = policy.rules.find(({ id }) => !preconditions.rules.some((one) => one.id === id));
  if (missing !== undefined) {
    fail(['rules'], `the rule ${missing.id} is not compiled`, 'preconditions_stale', compile);
  }
  return preconditions;
}
