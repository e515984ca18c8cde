import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { SafelightError } from '../../core/errors.ts';
import { type HazardCarrier, type HazardId, hazardSchema } from '../../core/hazard.ts';
import { parseYaml } from '../../core/parse-yaml.ts';
import { parseRulePolicy, type RulePolicy } from '../../core/rule-policy.ts';
import { readPromptsFile } from './question.ts';

/** One thing that a judge is asked about. */
export interface JudgeRule extends HazardCarrier {
  readonly id: string;
  readonly title: string;
  readonly forbidden: string;
  readonly allowed: string;
  /** What is minor, moderate and severe. */
  readonly severity: string;
}

export interface JudgeRules {
  /** Undefined where the rules are the taxonomy's definitions. */
  readonly policy: RulePolicy | undefined;
  readonly rules: readonly JudgeRule[];
}

const taxonomySchema = z.looseObject({
  hazards: z.array(
    z.looseObject({
      id: hazardSchema,
      title: z.string(),
      definition: z.string(),
      inScope: z.string(),
      outOfScope: z.string(),
      severity: z
        .looseObject({ minor: z.string(), moderate: z.string(), severe: z.string() })
        .optional(),
    }),
  ),
});
type Definition = z.output<typeof taxonomySchema>['hazards'][number];

async function readDefinitions(): Promise<Definition[]> {
  const text = await readPromptsFile('taxonomy.yaml');
  return parseYaml(text, 'prompts/taxonomy.yaml', taxonomySchema).hazards;
}

/** The taxonomy's definitions as rules; nobody is asked about child safety. */
export async function taxonomyRules(): Promise<JudgeRules> {
  const rules = (await readDefinitions())
    .filter(({ id }) => id !== 'child_safety')
    .map(
      (hazard): JudgeRule => ({
        id: hazard.id,
        hazard: hazard.id,
        carrier: 'visual',
        title: hazard.title,
        forbidden: `${hazard.definition} ${hazard.inScope}`,
        allowed: hazard.outOfScope,
        severity: severityText(hazard.severity),
      }),
    );
  return { policy: undefined, rules };
}

/**
 * A user's policy as rules.
 *
 * @param path relative to `folder`.
 * @throws SafelightError `policy_missing`, or as `parseRulePolicy`.
 */
export async function readPolicyRules(path: string, folder: string): Promise<JudgeRules> {
  const text = await readUserFile(path, folder, 'policy');
  const policy = parseRulePolicy(text, basename(path));
  const definitions = new Map<HazardId, Definition>(
    (await readDefinitions()).map((definition) => [definition.id, definition]),
  );
  const rules = policy.rules.map(
    (rule): JudgeRule => ({
      id: rule.id,
      hazard: rule.hazard,
      carrier: rule.carrier,
      title: rule.id,
      forbidden: rule.forbidden,
      allowed: rule.allowed,
      severity: severityText(rule.severity ?? definitions.get(rule.hazard)?.severity),
    }),
  );
  return { policy, rules };
}

/** @throws SafelightError `<what>_missing`. */
export function readUserFile(path: string, folder: string, what: string): Promise<string> {
  return readFile(resolve(folder, path), 'utf8').catch((cause: unknown) => {
    throw new SafelightError(`cannot read the ${what} ${path}`, {
      code: `${what}_missing`,
      kind: 'configuration',
      hint: 'Paths are relative to the pipeline. docs/judges.md shows what the file looks like.',
      cause,
    });
  });
}

function severityText(severity: Definition['severity']): string {
  if (severity === undefined) return '';
  const { minor, moderate, severe } = severity;
  return `minor: ${minor} moderate: ${moderate} severe: ${severe}`;
}
