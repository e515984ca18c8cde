import { join } from 'node:path';
import type { Policy } from '../core/policy.ts';
import { loadPolicy } from '../judge/policy.ts';
import { packageRoot } from './version.ts';

/**
 * Loads a policy by the id of a shipped one, or by path.
 *
 * @param resolvePath where a path given by the user is relative to.
 */
export function loadPolicyByName(
  name: string,
  resolvePath: (path: string) => string,
): Promise<Policy> {
  const isPath = /[\\/]|\.ya?ml$/i.test(name);
  return loadPolicy(
    isPath ? resolvePath(name) : join(packageRoot(), 'pipelines', 'policies', `${name}.yaml`),
  );
}
