import { readFile } from 'node:fs/promises';
import { SafelightError } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import { parseYaml } from '../core/parse-yaml.ts';
import { type Policy, policySchema, type Thresholds } from '../core/policy.ts';

/** The schema, and that borderline ≤ harmful ≤ harmfulPeak wherever thresholds stand. */
const orderedPolicySchema = policySchema.superRefine(({ thresholds }, context) => {
  const check = (value: Thresholds | undefined, path: readonly string[]): void => {
    if (value === undefined) return;
    if (value.borderline <= value.harmful && value.harmful <= value.harmfulPeak) return;
    context.addIssue({
      code: 'custom',
      path: ['thresholds', ...path],
      message: 'expected borderline ≤ harmful ≤ harmfulPeak',
    });
  };
  check(thresholds.default, ['default']);
  for (const [detector, own] of Object.entries(thresholds.detectors)) {
    check(own.default, ['detectors', detector, 'default']);
    for (const [hazard, value] of Object.entries(own.hazards ?? {})) {
      check(value, ['detectors', detector, 'hazards', hazard]);
    }
  }
});

/**
 * Reads a policy's YAML.
 *
 * @param file name for messages, as the user knows it.
 * @throws SafelightError with file and line.
 */
export function parsePolicy(text: string, file: string): Policy {
  return parseYaml(text, file, orderedPolicySchema);
}

/**
 * @param name of the file in messages, as the user knows it.
 * @throws SafelightError `policy_missing`, `policy_unreadable`, or as {@link parsePolicy}.
 */
export async function loadPolicy(path: string, name: string = path): Promise<Policy> {
  return parsePolicy(await readPolicyText(path, name), name);
}

async function readPolicyText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new SafelightError(
      missing ? `there is no policy at ${name}` : `the policy at ${name} cannot be read`,
      {
        code: missing ? 'policy_missing' : 'policy_unreadable',
        kind: 'configuration',
        hint: 'Name a shipped policy, such as "default", or the path of a YAML file that you can read.',
        cause,
      },
    );
  }
}

/** Identifies what a policy decides, whatever its comments and the order of its keys. */
export function policyHash(policy: Policy): string {
  return sha256Of(policy);
}
