import { z } from 'zod';
import type { Evidence } from '../core/evidence.ts';
import { sha256OfBytes } from '../core/ids.ts';
import { createRedactor, type RedactorOptions, redactUrl } from '../net/redact.ts';
import type { HeaderMap } from '../net/retry-timing.ts';
import type { HttpCall, HttpReply, MediaPointer } from './http-adapter.ts';
import type { WireBody, WireReply } from './http-transport.ts';

/** Headers that an outcome, a retry or a person may need; cookies and the like stay out. */
const KEPT_HEADERS: ReadonlySet<string> = new Set([
  'content-type',
  'date',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'x-request-id',
  'request-id',
  'finish-reason',
  'seed',
  'x-fal-error-type',
  'x-fal-request-id',
  'x-amzn-errortype',
  'x-amzn-requestid',
  'x-compute-type',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
]);
// Longer than any id, hash or signature, shorter than any picture.
const LONGEST_PLAIN_STRING = 512;
// The longest documented answers hold a few hundred.
const MAX_VALUES = 4_000;

const recordedBodySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('json'), value: z.unknown() }),
  z.object({
    kind: z.literal('media'),
    contentType: z.string(),
    sha256: z.string(),
    sizeBytes: z.number(),
  }),
  z.object({ kind: z.literal('text'), text: z.string() }),
  z.object({ kind: z.literal('empty') }),
]);
type RecordedBody = z.infer<typeof recordedBodySchema>;

const callPayloadSchema = z.object({
  name: z.string(),
  carry: z.record(z.string(), z.string()),
});

/** The newest reply of a trial with the call that it answers, as evidence holds them. */
export interface RecordedReply {
  readonly call: string;
  readonly carry: Readonly<Record<string, string>>;
  /** Undefined where neither JSON nor media came. */
  readonly reply: HttpReply | undefined;
  readonly status: number;
  readonly headers: HeaderMap;
  /** Words of a reply that is neither JSON nor media. */
  readonly text: string;
}

/** Writes one trial's evidence while it runs. Nothing gets in without being redacted. */
export interface HttpRecord {
  readonly evidence: Evidence;
  /** A call is about to be sent: the reply before it no longer decides. */
  call(call: HttpCall, carry: Readonly<Record<string, string>>): void;
  /** @param pointers media in the reply's body, to be recorded by hash alone. */
  reply(reply: WireReply, pointers: readonly MediaPointer[]): void;
  /** What became of a job that an earlier process submitted. */
  note(job: 'picked_up' | 'forgotten'): void;
}

export function createHttpRecord(
  protocol: string,
  requested: number,
  first: HttpCall,
  redaction: RedactorOptions,
  elapsedMs: () => number,
): HttpRecord {
  const redact = createRedactor(redaction);
  const evidence: Evidence = {
    protocol,
    request: {
      method: first.method,
      url: redact(redactUrl(first.url)),
      ...(first.headers === undefined ? {} : { headers: redact(first.headers) }),
      ...bodyOf(first, redact),
    },
    events: [],
    media: [],
    requested,
    retries: [],
  };
  let current = '';

  return {
    evidence,
    note(job) {
      evidence.events.push({ atMs: elapsedMs(), type: 'job', payload: job });
    },
    call(call, carry) {
      const { response } = evidence;
      delete evidence.response;
      // Of a job's many states only the newest is kept.
      if (response !== undefined && current !== call.name) {
        evidence.events.push({
          atMs: elapsedMs(),
          type: 'reply',
          payload: { call: current, status: response.status, body: response.body },
        });
      }
      const last = evidence.events.at(-1);
      if (last?.type === 'call' && current === call.name) evidence.events.pop();
      evidence.events.push({
        atMs: elapsedMs(),
        type: 'call',
        payload: {
          name: call.name,
          method: call.method,
          url: redact(redactUrl(call.url)),
          carry: stringRecord(redact(carry)),
        },
      });
      current = call.name;
    },
    reply(reply, pointers) {
      const headers = Object.fromEntries(
        Object.entries(reply.headers).filter(([name]) => KEPT_HEADERS.has(name)),
      );
      evidence.response = {
        status: reply.status,
        headers: stringRecord(redact(headers)),
        body: recordBody(reply.body, pointers, redact),
      };
    },
  };
}

function bodyOf({ body }: HttpCall, redact: (value: unknown) => unknown): object {
  switch (body?.kind) {
    case undefined:
      return {};
    case 'json':
      return { body: { kind: 'json', value: redact(body.value) } };
    case 'form':
      return { body: { kind: 'form', fields: redact(body.fields) } };
  }
}

/** The reply that decides, or undefined where none came since the last call. */
export function readRecordedReply(evidence: Evidence): RecordedReply | undefined {
  const { response } = evidence;
  if (response === undefined) return undefined;
  const body = recordedBodySchema.safeParse(response.body);
  const last = evidence.events.findLast((event) => event.type === 'call');
  const call = callPayloadSchema.safeParse(last?.payload);
  const status = response.status ?? 0;
  const headers = response.headers ?? {};
  const parsed: RecordedBody = body.success ? body.data : { kind: 'text', text: '' };
  return {
    call: call.success ? call.data.name : '',
    carry: call.success ? call.data.carry : {},
    reply: parsed.kind === 'text' ? undefined : { status, headers, body: parsed },
    status,
    headers,
    text: parsed.kind === 'text' ? parsed.text : '',
  };
}

/** The frame is ours, and stays as it is: a prompt may be a single word that stands in it, too. */
function recordBody(
  body: WireBody,
  pointers: readonly MediaPointer[],
  redact: (value: unknown) => unknown,
): RecordedBody {
  switch (body.kind) {
    case 'json':
      return { kind: 'json', value: redact(withoutMedia(body.value, inlinedMedia(pointers))) };
    case 'media':
      return {
        kind: 'media',
        contentType: body.contentType,
        sha256: sha256OfBytes(body.bytes),
        sizeBytes: body.bytes.byteLength,
      };
    case 'text':
      return { kind: 'text', text: String(redact(body.text)) };
    case 'empty':
      return body;
  }
}

function inlinedMedia(pointers: readonly MediaPointer[]): ReadonlySet<string> {
  return new Set(
    pointers.flatMap((pointer) => {
      if (pointer.kind === 'base64') return [pointer.data];
      return pointer.kind === 'url' && pointer.url.startsWith('data:') ? [pointer.url] : [];
    }),
  );
}

/**
 * Replaces media inlined as base64, those that the adapter pointed at and any other, and cuts what
 * no answer needs: a line of the journal must not grow as large as a hostile body.
 */
function withoutMedia(body: unknown, known: ReadonlySet<string>): unknown {
  let left = MAX_VALUES;
  const visit = (value: unknown): unknown => {
    left -= 1;
    if (left < 0) return '⟨more⟩';
    if (typeof value === 'string') {
      if (known.has(value)) return `⟨media ${sha256OfBytes(decodeBase64(value))}⟩`;
      return isLongBase64(value) ? `⟨${value.length} characters of base64⟩` : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.slice(0, left + 1).map(visit);
    const entries = Object.entries(value).slice(0, left + 1);
    return Object.fromEntries(entries.map(([key, item]) => [key, visit(item)]));
  };
  return visit(body);
}

/** Of either alphabet, with or without a `data:` prefix. */
export function decodeBase64(text: string): Buffer {
  return Buffer.from(text.replace(/^data:[^,]*,/, ''), 'base64');
}

// Words have spaces: a run this long without any is no sentence.
function isLongBase64(value: string): boolean {
  return value.length > LONGEST_PLAIN_STRING && /^[\w+/=-]{60}[\w+/=\s-]{452}/.test(value);
}

function stringRecord(value: unknown): Record<string, string> {
  const parsed = z.record(z.string(), z.string()).safeParse(value);
  return parsed.success ? parsed.data : {};
}
