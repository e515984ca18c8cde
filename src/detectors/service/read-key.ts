import { SafelightError } from '../../core/errors.ts';

/** @throws SafelightError `key_missing` that names the variable. */
export function readKey(
  detector: string,
  variable: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const key = env[variable]?.trim();
  if (key !== undefined && key !== '') return key;
  throw new SafelightError(`${detector}: the environment variable ${variable} is not set`, {
    code: 'key_missing',
    kind: 'configuration',
    hint: `Set ${variable}; the pipeline names the variable and never holds the secret.`,
  });
}
