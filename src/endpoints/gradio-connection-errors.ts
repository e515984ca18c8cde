import { SafelightError } from '../core/errors.ts';
import { networkErrorCode } from '../net/network-error.ts';

export function unreachable(id: string, error: unknown): SafelightError {
  const code = networkErrorCode(error) ?? 'connection failed';
  return new SafelightError(`endpoint "${id}" cannot be reached (${code})`, {
    code: 'endpoint_unreachable',
    kind: 'environment',
    hint: 'Check its address, and whether the app is running.',
    cause: error,
  });
}

export function redirected(id: string, response: Response, from: URL): SafelightError {
  const location = response.headers.get('location') ?? '';
  const target = URL.canParse(location, from.href)
    ? new URL(location, from.href).origin
    : undefined;
  return new SafelightError(`endpoint "${id}" redirects${target ? ` to ${target}` : ''}`, {
    code: 'gradio_redirected',
    kind: 'configuration',
    hint: 'Configure the address that it redirects to: prompts and tokens follow no redirects.',
  });
}

export function unauthorized(id: string, status: number): SafelightError {
  return new SafelightError(`endpoint "${id}" wants credentials (HTTP status ${status})`, {
    code: 'endpoint_unauthorized',
    kind: 'configuration',
    hint: 'Put the token into an environment variable and its name into `tokenEnv`; for a login with a password use `auth`.',
  });
}

export function notGradio(id: string, status: number): SafelightError {
  return new SafelightError(
    `endpoint "${id}" does not answer as a Gradio app does (HTTP status ${status})`,
    {
      code: 'gradio_not_gradio',
      kind: 'environment',
      hint: 'The address must be that of the app itself, such as https://owner-name.hf.space.',
    },
  );
}

export function legacy(id: string): SafelightError {
  return new SafelightError(`endpoint "${id}" runs Gradio 3, whose protocol is not supported`, {
    code: 'gradio_legacy',
    kind: 'environment',
    hint: 'The app needs Gradio 4 or later.',
  });
}

export function foreignRoot(id: string): SafelightError {
  return new SafelightError(`endpoint "${id}": the app names another host as its root`, {
    code: 'gradio_foreign_root',
    kind: 'environment',
    hint: 'A token and prompts would go there. If that is right, configure that address itself.',
  });
}
