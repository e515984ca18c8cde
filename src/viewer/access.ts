import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who may ask: whoever came with the token once, from this page and under this name. */
export interface Access {
  readonly token: string;
  /** What the cookie holds; another secret than the token, which stood in an address. */
  readonly session: string;
  /** Names with port under which the viewer is reached. */
  readonly hosts: ReadonlySet<string>;
  /** Asked for where the viewer listens beyond this machine. */
  readonly password: string | undefined;
}

export const COOKIE = 'safelight_viewer';

export function isSame(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

/** A foreign name that resolves to this machine (DNS rebinding) is not ours. */
export function isOurHost(request: IncomingMessage, access: Access): boolean {
  return access.hosts.has(request.headers.host ?? '');
}

export function hasSession(request: IncomingMessage, access: Access): boolean {
  return (request.headers.cookie ?? '').split(';').some((part) => {
    const [name, value] = part.trim().split('=');
    return name === COOKIE && value !== undefined && isSame(value, access.session);
  });
}

/** What another page could make a browser send is turned away, cookie or not. */
export function isFromOurPage(request: IncomingMessage): boolean {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (request.method === 'GET') return true;
  return origin === `http://${request.headers.host ?? ''}`;
}

/** Nothing from elsewhere, nothing inline, nothing framed. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
};
