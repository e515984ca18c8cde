import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import type { Policy } from '../core/policy.ts';
import { loadPolicy } from '../judge/policy.ts';
import { packageRoot } from './version.ts';

/**
 * Loads a policy by the id of a shipped one, or by path.
 *
 * @param resolvePath where a path given by the user is relative to.
 * @throws SafelightError `unknown_policy` with the nearest name, or as `loadPolicy`.
 */
export async function loadPolicyByName(
  name: string,
  resolvePath: (path: string) => string,
): Promise<Policy> {
  if (/[\\/]|\.ya?ml$/i.test(name)) return loadPolicy(resolvePath(name), name);
  const folder = join(packageRoot(), 'pipelines', 'policies');
  const shipped = (await readdir(folder)).map((file) => basename(file, '.yaml'));
  if (shipped.includes(name)) return loadPolicy(join(folder, `${name}.yaml`), name);
  throw new SafelightError(`there is no policy "${name}"`, {
    code: 'unknown_policy',
    kind: 'configuration',
    hint: `${didYouMean(name, shipped)} Or give the path of a YAML file.`,
  });
}
