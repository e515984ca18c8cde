import { Agent, request } from 'undici';
import { networkErrorCode } from '../net/network-error.ts';
import { readBody, UnknownEncoding } from '../net/read-body.ts';
import { BodyTooLarge, parseJson } from '../net/read-text.ts';
import type { HeaderMap } from '../net/retry-timing.ts';
import type { HttpAuthorization, HttpCall } from './http-adapter.ts';

/** A reply as it came over the wire. */
export interface WireReply {
  readonly kind: 'reply';
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: WireBody;
}

export type WireBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'media'; readonly contentType: string; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'empty' };

/** What kept a reply from coming. */
export interface WireProblem {
  readonly kind: 'problem';
  readonly where: 'connect' | 'request' | 'stream' | 'media';
  readonly code: string;
  /** Names no host and quotes no content. */
  readonly message: string;
}

/** What is trusted with calls, and how they are signed. */
export interface TransportOptions {
  readonly baseUrl: URL;
  readonly ownHosts: readonly string[];
  readonly authorization: HttpAuthorization;
  readonly secrets: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly wallClock: () => Date;
}

/** Sends single calls over connections of its own, which end with it. */
export interface HttpTransport {
  /** Rejects only with the reason of `signal`. */
  send(call: HttpCall, signal: AbortSignal): Promise<WireReply | WireProblem>;
  /** Headers that prove who we are, for media at the own origin. */
  mediaCredentials(url: URL): HeaderMap;
  close(): Promise<void>;
}

// Before a connection stands nothing was sent.
const CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const MEDIA_TYPE = /^(image|video)\/|^(application|binary)\/octet-stream\b/i;

export function createHttpTransport(options: TransportOptions): HttpTransport {
  // A generator may think for minutes before its first byte: the trial's deadline is the limit.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 20_000 } });
  const sign = (call: Parameters<HttpAuthorization['headers']>[1]): HeaderMap =>
    Object.keys(options.authorization.variables).length === 0
      ? {}
      : options.authorization.headers(options.secrets, call);

  return {
    async send(call, signal) {
      const url = resolveUrl(call.url, options.baseUrl);
      if (url === undefined || !isOwnUrl(url, options)) {
        return problem('request', 'foreign_origin', 'the next call would go to a foreign origin');
      }
      const { bytes, contentType } = await encodeBody(call);
      const credentials = sign({
        method: call.method,
        url,
        body: bytes,
        contentType,
        at: options.wallClock(),
      });
      let where: 'request' | 'stream' = 'request';
      try {
        const response = await request(url, {
          dispatcher: agent,
          signal,
          method: call.method,
          headers: {
            accept: 'application/json',
            'accept-encoding': 'identity',
            'user-agent': 'safelight',
            ...(contentType === undefined ? {} : { 'content-type': contentType }),
            ...call.headers,
            ...credentials,
          },
          body: call.method === 'GET' ? null : bytes,
        });
        where = 'stream';
        const headers = headerMap(response.headers);
        const body = await readBody(response.body, options.maxBytes, headers['content-encoding']);
        return {
          kind: 'reply',
          status: response.statusCode,
          headers,
          body: toWireBody(body, headers['content-type'] ?? '', response.statusCode),
        };
      } catch (error) {
        signal.throwIfAborted();
        return toProblem(error, where);
      }
    },
    mediaCredentials: (url) =>
      sign({
        method: 'GET',
        url,
        body: new Uint8Array(),
        contentType: undefined,
        at: options.wallClock(),
      }),
    close: () => agent.destroy(),
  };
}

/** An address relative to the base URL; a path of the base URL is kept. */
export function resolveUrl(address: string, base: URL): URL | undefined {
  const root = new URL(base);
  if (!root.pathname.endsWith('/')) root.pathname += '/';
  return URL.canParse(address, root.href) ? new URL(address, root) : undefined;
}

function isOwnUrl(url: URL, { baseUrl, ownHosts }: TransportOptions): boolean {
  if (url.origin === baseUrl.origin) return true;
  return (
    url.protocol === 'https:' &&
    url.port === '' &&
    ownHosts.some((host) =>
      host.startsWith('.') ? url.hostname.endsWith(host) : url.hostname === host,
    )
  );
}

async function encodeBody({ body }: HttpCall): Promise<{
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}> {
  switch (body?.kind) {
    case undefined:
      return { bytes: new Uint8Array(), contentType: undefined };
    case 'json':
      return {
        bytes: Buffer.from(JSON.stringify(body.value)),
        contentType: 'application/json',
      };
    case 'form': {
      const form = new FormData();
      for (const [name, value] of Object.entries(body.fields)) form.set(name, value);
      const encoded = new Response(form);
      return {
        bytes: new Uint8Array(await encoded.arrayBuffer()),
        contentType: encoded.headers.get('content-type') ?? undefined,
      };
    }
  }
}

function toWireBody(bytes: Uint8Array, contentType: string, status: number): WireBody {
  if (bytes.byteLength === 0) return { kind: 'empty' };
  if (status < 300 && MEDIA_TYPE.test(contentType)) {
    return { kind: 'media', contentType: contentType.split(';')[0]?.trim() ?? '', bytes };
  }
  const text = new TextDecoder().decode(bytes);
  const value = parseJson(text);
  return value === undefined ? { kind: 'text', text } : { kind: 'json', value };
}

function headerMap(headers: Readonly<Record<string, string | string[] | undefined>>): HeaderMap {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function toProblem(error: unknown, where: 'request' | 'stream'): WireProblem {
  if (error instanceof BodyTooLarge) return problem('media', 'too_large', error.message);
  if (error instanceof UnknownEncoding) return problem('stream', 'bad_message', error.message);
  const code = networkErrorCode(error) ?? 'no_code';
  return problem(
    CONNECT_CODES.has(code) ? 'connect' : where,
    code,
    `the connection failed (${code})`,
  );
}

function problem(where: WireProblem['where'], code: string, message: string): WireProblem {
  return { kind: 'problem', where, code, message };
}
