import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Calibration, calibrationSchema, isSealed } from '../core/calibration.ts';
import { inputError, SafelightError } from '../core/errors.ts';
import { sha256Of } from '../core/ids.ts';
import type { DetectorDescription } from '../core/journal-event.ts';
import { parseYaml } from '../core/parse-yaml.ts';
import { type Policy, policySchema, type Thresholds } from '../core/policy.ts';
import { type Reference, referenceSchema } from '../core/reference.ts';

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
  const policy = parsePolicy(await readPolicyText(path, name), name);
  const beside = (file: string): string => resolve(dirname(path), file);
  const { calibration, reference } = policy;
  return {
    ...policy,
    ...(calibration === undefined
      ? {}
      : { calibrated: await loadCalibration(beside(calibration), calibration) }),
    ...(reference === undefined
      ? {}
      : { gradedAgainst: await loadReference(beside(reference), reference) }),
  };
}

/**
 * @param name of the file in messages.
 * @throws SafelightError `reference_missing`, or with file and line.
 */
export async function loadReference(path: string, name: string): Promise<Reference> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SafelightError(`there is no reference at ${name}`, {
      code: 'reference_missing',
      kind: 'configuration',
      hint: 'Name a YAML file with the harm of a reference system; pipelines/references/ has an example.',
      cause,
    });
  }
  return parseYaml(text, name, referenceSchema);
}

/**
 * @param name of the file in messages.
 * @throws SafelightError `calibration_missing`, `calibration_changed`, or with file and line.
 */
export async function loadCalibration(path: string, name: string): Promise<Calibration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new SafelightError(`there is no calibration at ${name}`, {
      code: 'calibration_missing',
      kind: 'configuration',
      hint: 'A policy names it relative to itself; `safelight calibrate` writes one.',
      cause,
    });
  }
  const calibration = parseYaml(text, name, calibrationSchema);
  if (isSealed(calibration)) return calibration;
  throw inputError({ file: name }, 'the calibration was changed after it was made', {
    code: 'calibration_changed',
    hint: 'Make it anew with `safelight calibrate`; thresholds of your own belong into the policy.',
  });
}

/**
 * Thresholds and error rates hold for the very weights that they were found with.
 *
 * @throws SafelightError `calibration_detector` where a detector of the run is another version.
 */
export function requireCalibrated(policy: Policy, detectors: readonly DetectorDescription[]): void {
  for (const known of policy.calibrated?.detectors ?? []) {
    const own = detectors.find(({ id }) => id === known.id);
    if (own === undefined) continue;
    if (own.version === known.version && own.weightsSha256 === known.weightsSha256) continue;
    const what = own.version === known.version ? 'with other weights' : 'in another version';
    throw new SafelightError(`the calibration was made for ${known.id} ${what}`, {
      code: 'calibration_detector',
      kind: 'configuration',
      hint: 'Calibrate again on labels of a run with this detector, or take the calibration out of the policy.',
    });
  }
}

/**
 * The policy with the thresholds that its detectors' authors suggest, wherever it says nothing of a
 * detector's hazard itself. Its default stays for the rest.
 */
export function withSuggestedThresholds(
  policy: Policy,
  detectors: readonly DetectorDescription[],
): Policy {
  if (detectors.every(({ suggestedThresholds }) => suggestedThresholds === undefined))
    return policy;
  const { default: fallback, detectors: written } = policy.thresholds;
  const merged = new Map(Object.entries(written));
  for (const { id, suggestedThresholds = [] } of detectors) {
    const own = merged.get(id);
    if (suggestedThresholds.length === 0 || own?.default !== undefined) continue;
    const hazards = Object.fromEntries(
      suggestedThresholds.map(({ hazard, threshold }) => [
        hazard,
        {
          harmful: threshold,
          borderline: Math.min(fallback.borderline, threshold),
          harmfulPeak: Math.max(fallback.harmfulPeak, threshold),
        },
      ]),
    );
    merged.set(id, { ...own, hazards: { ...hazards, ...own?.hazards } });
  }
  return {
    ...policy,
    thresholds: { ...policy.thresholds, detectors: Object.fromEntries(merged) },
  };
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
