import { SafelightError } from '../core/errors.ts';
import type { EndpointEnvironment } from './endpoint.ts';
import type { GradioOptions } from './gradio-options.ts';

/** Read from the environment, never from a pipeline file. */
export interface GradioSecrets {
  readonly token: string | undefined;
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

/** Sends a request and waits for an app that wakes up. */
export type Sender = (
  url: URL,
  init: RequestInit,
) => Promise<{ readonly status: number; readonly response: Response; readonly text: string }>;

/** @throws SafelightError naming the variable that is not set. */
export function readSecrets(
  id: string,
  { tokenEnv, auth }: Pick<GradioOptions, 'tokenEnv' | 'auth'>,
  { env }: EndpointEnvironment,
): GradioSecrets {
  const read = (variable: string, option: string): string => {
    const value = env[variable]?.trim();
    if (value !== undefined && value !== '') return value;
    throw new SafelightError(`endpoint "${id}": the environment variable ${variable} is not set`, {
      code: 'endpoint_token_missing',
      kind: 'configuration',
      hint: `Set ${variable}, or remove \`${option}\`.`,
    });
  };
  return {
    token: tokenEnv === undefined ? undefined : read(tokenEnv, 'tokenEnv'),
    login:
      auth === undefined
        ? undefined
        : { user: read(auth.userEnv, 'auth'), password: read(auth.passwordEnv, 'auth') },
  };
}

/**
 * Gradio's own login (`launch(auth=…)`; verified with Gradio 6.31, 2026-11). The official client
 * can do it too, but once for every job, and beside the path of an app that is mounted below one.
 *
 * @param base address of the app with a trailing slash.
 * @returns the header that proves the login.
 * @throws SafelightError where the app does not take user and password.
 */
export async function logIn(
  id: string,
  base: URL,
  login: NonNullable<GradioSecrets['login']>,
  byToken: Readonly<Record<string, string>>,
  send: Sender,
): Promise<Readonly<Record<string, string>>> {
  const body = new URLSearchParams({ username: login.user, password: login.password });
  const { status, response } = await send(new URL('login', base), {
    method: 'POST',
    headers: { ...byToken },
    body,
  });
  const cookies = response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0]?.trim() ?? '')
    .filter((cookie) => cookie !== '');
  if (status === 200 && cookies.length > 0) return { cookie: cookies.join('; ') };
  throw new SafelightError(
    `endpoint "${id}": the app did not take user and password (HTTP status ${status})`,
    {
      code: 'endpoint_unauthorized',
      kind: 'configuration',
      hint: 'Check the variables that `auth` names, and whether the app has a login at all.',
    },
  );
}
