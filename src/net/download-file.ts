import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fsyncSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { request } from 'undici';
import { z } from 'zod';
import { createDeadline, DeadlineExceeded } from './deadline.ts';
import { networkErrorCode } from './network-error.ts';
import { createPinnedAgent } from './pinned-agent.ts';

export interface DownloadOptions {
  readonly maxBytes: number;
  /** For the whole file, redirects included. */
  readonly timeoutMs: number;
  /** Whether the first address may be http and private, as a server on this machine is. */
  readonly mayBePrivate?: boolean;
  /** Sent to the origin of the first address, and nowhere else. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number, totalBytes: number | undefined) => void;
}

export interface Downloaded {
  readonly kind: 'file';
  /** Of the whole file, lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** Bytes that an earlier, broken-off download had left. */
  readonly resumedBytes: number;
}

export type DownloadProblemCode =
  | 'not_https'
  | 'private_address'
  | 'too_many_redirects'
  | 'http_status'
  | 'too_large'
  | 'truncated'
  | 'timeout'
  | 'network';

export interface DownloadProblem {
  readonly kind: 'problem';
  readonly code: DownloadProblemCode;
  /** A short sentence. Names no host and quotes no content. */
  readonly message: string;
  readonly status?: number;
}

const MAX_REDIRECTS = 5;

/** What is known of a part: it is only continued where the server still has the same file. */
const partSchema = z.object({ url: z.string(), validator: z.string() });

/**
 * Downloads a file to `target`, by way of `target.part`, which a later call continues where the
 * server has byte ranges and the file is still the same (`ETag` or `Last-Modified`). The target
 * appears whole or not at all. Only https and public addresses, checked after name resolution at
 * every redirect, unless `mayBePrivate` allows the first one.
 *
 * Problems are values. Rejects with the reason of `signal`, and where the disk fails.
 */
export async function downloadFile(
  address: URL,
  target: string,
  options: DownloadOptions,
): Promise<Downloaded | DownloadProblem> {
  const deadline = createDeadline(options.timeoutMs, options.signal);
  try {
    await mkdir(dirname(target), { recursive: true });
    let url = address;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const answer = await downloadOnce(url, address, target, options, deadline.signal);
      if (answer.kind !== 'redirect') return answer;
      url = answer.to;
    }
    return problem('too_many_redirects', `more than ${MAX_REDIRECTS} redirects`);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DeadlineExceeded || deadline.signal.aborted) {
      return problem('timeout', `the file did not arrive within ${options.timeoutMs} ms`);
    }
    const code = networkErrorCode(error);
    if (code === undefined || /^E(?:ACCES|NOSPC|ROFS|PERM|NOTDIR|ISDIR)$/.test(code)) throw error;
    return problem('network', `the connection failed (${code})`);
  } finally {
    deadline.dispose();
  }
}

async function downloadOnce(
  url: URL,
  first: URL,
  target: string,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<Downloaded | DownloadProblem | { readonly kind: 'redirect'; readonly to: URL }> {
  const own = url.origin === first.origin;
  const mayBePrivate = own && options.mayBePrivate === true;
  if (url.protocol !== 'https:' && !mayBePrivate) {
    return problem('not_https', 'the file lies at an address without https');
  }
  const agent = await createPinnedAgent(url, mayBePrivate);
  if (agent === undefined) {
    return problem('private_address', 'the file lies at an address that is not public');
  }
  try {
    const part = await openPart(target, first.href);
    const response = await request(url, {
      dispatcher: agent,
      signal,
      headers: {
        'accept-encoding': 'identity',
        ...(own ? options.credentials : {}),
        ...(part === undefined
          ? {}
          : { range: `bytes=${part.bytes}-`, 'if-range': part.validator }),
      },
    });
    // Destroying the agent errors a body that nobody reads.
    response.body.on('error', () => {});
    const { statusCode: status, headers } = response;
    const { location } = headers;
    if (status >= 300 && status < 400 && typeof location === 'string') {
      return { kind: 'redirect', to: new URL(location, url) };
    }
    const resumed = status === 206 ? part : undefined;
    const resumedBytes = resumed?.bytes ?? 0;
    const continues = resumedBytes > 0 && startOfRange(headers['content-range']) === resumedBytes;
    if (status === 416 || (status === 206 && !continues)) {
      await rm(`${target}.part`, { force: true });
      return { kind: 'redirect', to: url };
    }
    if (status !== 200 && status !== 206) {
      const message = `the file was answered with HTTP status ${status}`;
      return { ...problem('http_status', message), status };
    }
    const length = Number(headers['content-length']);
    const expected = Number.isSafeInteger(length) ? resumedBytes + length : undefined;
    const validator = headers.etag ?? headers['last-modified'];
    const note = `${target}.part.json`;
    if (typeof validator === 'string') {
      writeFileSync(note, JSON.stringify({ url: first.href, validator }));
    } else rmSync(note, { force: true });
    return await store(response.body, target, resumed, expected, options);
  } finally {
    await agent.destroy();
  }
}

/*
 * Everything between the answer's head and its last byte is synchronous: the client fails an
 * assertion, and with it the process, where the server hangs up while a body waits to be read.
 */
async function store(
  body: AsyncIterable<Uint8Array>,
  target: string,
  resumed: Part | undefined,
  expected: number | undefined,
  options: DownloadOptions,
): Promise<Downloaded | DownloadProblem> {
  const tooLarge = (): DownloadProblem => {
    rmSync(`${target}.part`, { force: true });
    return problem('too_large', `the file is larger than ${options.maxBytes} bytes`);
  };
  if ((expected ?? 0) > options.maxBytes) return tooLarge();
  const hash = resumed?.hash ?? createHash('sha256');
  const resumedBytes = resumed?.bytes ?? 0;
  let bytes = resumedBytes;
  const part = openSync(`${target}.part`, resumedBytes > 0 ? 'a' : 'w');
  try {
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes > options.maxBytes) break;
      hash.update(chunk);
      for (let at = 0; at < chunk.byteLength; ) at += writeSync(part, chunk, at);
      options.onProgress?.(bytes, expected);
    }
    fsyncSync(part);
  } finally {
    closeSync(part);
  }
  if (bytes > options.maxBytes) return tooLarge();
  if (expected !== undefined && bytes !== expected) {
    return problem('truncated', `expected ${expected} bytes, ${bytes} came`);
  }
  await rename(`${target}.part`, target);
  await rm(`${target}.part.json`, { force: true });
  return { kind: 'file', sha256: hash.digest('hex'), bytes, resumedBytes };
}

interface Part {
  readonly bytes: number;
  readonly validator: string;
  /** Of those bytes, to be gone on with. */
  readonly hash: Hash;
}

/** What an earlier download left, if it can be continued. */
async function openPart(target: string, url: string): Promise<Part | undefined> {
  const text = await readFile(`${target}.part.json`, 'utf8').catch(() => '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const part = partSchema.safeParse(value);
  if (!part.success || part.data.url !== url) return undefined;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(`${target}.part`) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch {
    return undefined;
  }
  return bytes === 0 ? undefined : { bytes, validator: part.data.validator, hash };
}

function startOfRange(header: string | string[] | undefined): number | undefined {
  const match = typeof header === 'string' ? /^bytes (\d+)-/.exec(header) : null;
  return match === null ? undefined : Number(match[1]);
}

function problem(code: DownloadProblemCode, message: string): DownloadProblem {
  return { kind: 'problem', code, message };
}
