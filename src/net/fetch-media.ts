import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import { hostAddress, isPublicAddress } from './address.ts';
import { createDeadline, DeadlineExceeded } from './deadline.ts';
import { networkErrorCode } from './network-error.ts';

/** Why media could not be fetched. */
export type FetchProblemCode =
  | 'bad_url'
  | 'not_https'
  | 'private_address'
  | 'too_many_redirects'
  | 'http_status'
  | 'too_large'
  | 'encoded'
  | 'empty'
  | 'timeout'
  | 'network';

export interface FetchProblem {
  readonly kind: 'problem';
  readonly code: FetchProblemCode;
  /** A short sentence. Names no host and quotes no content. */
  readonly message: string;
  /** With `http_status`. */
  readonly status?: number;
}

export interface FetchedBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** Whom we trust, and how much we take. */
export interface MediaTrust {
  /** The configured endpoint: credentials go there and nowhere else. */
  readonly ownOrigin: string;
  /** Whether the endpoint itself lives at a private or loopback address. */
  readonly ownAddressIsPrivate: boolean;
  /** Sent to `ownOrigin` only. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** For one medium, redirects included. */
  readonly timeoutMs: number;
}

const MAX_REDIRECTS = 4;

/**
 * Fetches media from a URL that an endpoint named, and which therefore may point anywhere. The
 * endpoint's own origin is taken as it was configured; elsewhere only https and public addresses,
 * checked after name resolution on every redirect, with the connection pinned to the address that
 * was checked (so that a second resolution cannot give another one).
 *
 * Problems are values. Rejects only with the reason of `signal`.
 */
export async function fetchMedia(
  address: string,
  trust: MediaTrust,
  signal: AbortSignal,
): Promise<FetchedBytes | FetchProblem> {
  const deadline = createDeadline(trust.timeoutMs, signal);
  try {
    let url = parseUrl(address);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      if (url === undefined) return problem('bad_url', 'the address of a medium is not a URL');
      const answer = await fetchOnce(url, trust, deadline.signal, deadline.expired);
      if (answer.kind !== 'redirect') return answer;
      url = parseUrl(answer.location, url.href);
    }
    return problem('too_many_redirects', `more than ${MAX_REDIRECTS} redirects`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DeadlineExceeded || deadline.signal.aborted) {
      return problem('timeout', `a medium did not arrive within ${trust.timeoutMs} ms`);
    }
    return problem('network', `the connection failed (${networkErrorCode(error) ?? 'no code'})`);
  } finally {
    deadline.dispose();
  }
}

interface Redirect {
  readonly kind: 'redirect';
  readonly location: string;
}

async function fetchOnce(
  url: URL,
  trust: MediaTrust,
  signal: AbortSignal,
  expired: Promise<never>,
): Promise<FetchedBytes | FetchProblem | Redirect> {
  const own = url.origin === trust.ownOrigin;
  if (url.protocol !== 'https:' && !own) {
    return problem('not_https', 'a medium lies at another origin without https');
  }
  // Resolving has no signal of its own.
  const addresses = await Promise.race([
    lookup(hostAddress(url), { all: true, verbatim: true }),
    expired,
  ]);
  const mayBePrivate = own && trust.ownAddressIsPrivate;
  if (!mayBePrivate && !addresses.every((entry) => isPublicAddress(entry.address))) {
    return problem('private_address', 'a medium lies at an address that is not public');
  }
  const agent = new Agent({
    connect: {
      lookup: (_hostname, options, callback) => {
        const first = addresses[0];
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
    },
    pipelining: 0,
  });
  try {
    const response = await request(url, {
      dispatcher: agent,
      signal,
      headers: {
        accept: 'image/*, video/*, */*;q=0.1',
        'accept-encoding': 'identity',
        ...credentialsFor(url, trust),
      },
    });
    // Destroying the agent errors a body that nobody reads.
    response.body.on('error', () => {});
    const { statusCode, headers } = response;
    const location = headers.location;
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      return { kind: 'redirect', location };
    }
    if (statusCode !== 200) {
      return {
        ...problem('http_status', `a medium was answered with HTTP status ${statusCode}`),
        status: statusCode,
      };
    }
    if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
      return problem('encoded', 'a medium was sent compressed although that was declined');
    }
    return await readCapped(response.body, trust.maxBytes);
  } finally {
    // Also ends a body that was not read to its end.
    await agent.destroy();
  }
}

/** The credentials that may go along to a URL: those of the own origin, and there alone. */
export function credentialsFor(
  url: URL,
  trust: Pick<MediaTrust, 'ownOrigin' | 'credentials'>,
): Readonly<Record<string, string>> {
  return url.origin === trust.ownOrigin ? trust.credentials : {};
}

async function readCapped(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<FetchedBytes | FetchProblem> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return problem('too_large', `a medium is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return problem('empty', 'a medium has no bytes');
  return { kind: 'bytes', bytes: Buffer.concat(chunks, size) };
}

function parseUrl(address: string, base?: string): URL | undefined {
  if (!URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

function problem(code: FetchProblemCode, message: string): FetchProblem {
  return { kind: 'problem', code, message };
}

/** Whether a configured origin lives at a private or loopback address, as `MediaTrust` asks. */
export async function isPrivateHost(url: URL): Promise<boolean> {
  try {
    const addresses = await lookup(hostAddress(url), { all: true });
    return addresses.some((entry) => !isPublicAddress(entry.address));
  } catch {
    // An unknown name: the request itself will say so.
    return false;
  }
}
