import type { Evidence } from '../core/evidence.ts';
import { fetchMedia, type MediaTrust } from '../net/fetch-media.ts';
import { RETRYABLE_STATUSES, type RetryPolicy } from '../net/retry-policy.ts';
import type { GenerationContext } from './endpoint.ts';
import type { HttpAdapterDescription, MediaPointer } from './http-adapter.ts';
import { decodeBase64 } from './http-evidence.ts';
import type { HttpOptions } from './http-options.ts';
import { type HttpTransport, resolveUrl, type WireBody } from './http-transport.ts';

export interface MediaSetting {
  readonly description: HttpAdapterDescription;
  readonly options: HttpOptions;
  readonly transport: HttpTransport;
  readonly addressIsPrivate: boolean;
  readonly policy: RetryPolicy;
  /** Rejects with the signal's reason. */
  readonly wait: (ms: number) => Promise<void>;
}

type Problem = { readonly kind: 'problem'; readonly code: string; readonly message: string };

// More than any provider returns for one prompt; each may be a request.
const MAX_MEDIA = 64;

/**
 * Fetches or decodes the media of an answer and stores them. The first problem is kept as the fault.
 * Rejects only with the signal's reason, or with what `context.store` threw.
 */
export async function collectHttpMedia(
  pointers: readonly MediaPointer[],
  body: WireBody,
  setting: MediaSetting,
  context: GenerationContext,
  signal: AbortSignal,
  evidence: Evidence,
): Promise<void> {
  const { modality } = setting.description;
  for (const pointer of distinct(pointers).slice(0, MAX_MEDIA)) {
    const bytes = await readPointer(pointer, body, setting, signal, evidence);
    const stored = bytes instanceof Uint8Array ? await context.store(bytes) : bytes;
    if (stored.kind === 'problem') {
      evidence.fault ??= { where: 'media', code: stored.code, message: stored.message };
    } else if (stored.kind !== modality) {
      evidence.fault ??= {
        where: 'media',
        code: 'wrong_kind',
        message: `the answer is no ${modality}`,
      };
    } else if (!evidence.media.some((known) => known.sha256 === stored.sha256)) {
      evidence.media.push(stored);
    }
  }
}

async function readPointer(
  pointer: MediaPointer,
  body: WireBody,
  setting: MediaSetting,
  signal: AbortSignal,
  evidence: Evidence,
): Promise<Uint8Array | Problem> {
  switch (pointer.kind) {
    case 'body':
      return body.kind === 'media'
        ? capped(body.bytes, setting)
        : { kind: 'problem', code: 'empty', message: 'the reply is no medium' };
    case 'base64':
      return decodeCapped(pointer.data, setting);
    case 'url':
      return /^data:/i.test(pointer.url)
        ? decodeCapped(pointer.url, setting)
        : download(pointer.url, setting, signal, evidence);
  }
}

/** A finished job was paid for, so that its media are worth another attempt. */
async function download(
  address: string,
  setting: MediaSetting,
  signal: AbortSignal,
  evidence: Evidence,
): Promise<Uint8Array | Problem> {
  const { description, options, transport, policy } = setting;
  const base = new URL(description.baseUrl);
  const url = resolveUrl(address, base);
  if (url === undefined) {
    return { kind: 'problem', code: 'bad_url', message: 'the address of a medium is not a URL' };
  }
  const trust: MediaTrust = {
    ownOrigin: base.origin,
    ownAddressIsPrivate: setting.addressIsPrivate,
    credentials: url.origin === base.origin ? transport.mediaCredentials(url) : {},
    maxBytes: options.maxMediaBytes,
    timeoutMs: options.timeoutMs,
  };
  for (let attempt = 1; ; attempt += 1) {
    const fetched = await fetchMedia(url.href, trust, signal);
    if (fetched.kind === 'bytes') return fetched.bytes;
    const passing =
      fetched.code === 'network' ||
      (fetched.status !== undefined && RETRYABLE_STATUSES.has(fetched.status));
    if (!passing || attempt >= policy.maxAttempts) return fetched;
    const waitedMs = policy.baseDelayMs * 2 ** (attempt - 1);
    await setting.wait(waitedMs);
    evidence.retries.push({ cause: `media_${fetched.status ?? fetched.code}`, waitedMs });
  }
}

function decodeCapped(text: string, setting: MediaSetting): Uint8Array | Problem {
  // Before decoding: a base64 digit carries six bits.
  return (text.length * 3) / 4 > setting.options.maxMediaBytes + 256
    ? tooLarge(setting)
    : capped(decodeBase64(text), setting);
}

function capped(bytes: Uint8Array, setting: MediaSetting): Uint8Array | Problem {
  return bytes.byteLength > setting.options.maxMediaBytes ? tooLarge(setting) : bytes;
}

function tooLarge({ options }: MediaSetting): Problem {
  return {
    kind: 'problem',
    code: 'too_large',
    message: `a medium is larger than ${options.maxMediaBytes} bytes`,
  };
}

function distinct(pointers: readonly MediaPointer[]): MediaPointer[] {
  const seen = new Set<string>();
  return pointers.filter((pointer) => {
    if (pointer.kind !== 'url') return true;
    return seen.size < seen.add(pointer.url).size;
  });
}
