import type { Evidence } from '../core/evidence.ts';
import { readEventStream } from '../net/event-stream.ts';
import { networkErrorCode } from '../net/network-error.ts';
import { parseJson, readText } from '../net/read-text.ts';
import { type ClientOptions, GradioClient, type MessageSink } from './gradio-client-base.ts';
import { gradioJoinSchema, gradioMessageSchema } from './gradio-schema.ts';

export type Fault = NonNullable<Evidence['fault']>;

export function fault(where: Fault['where'], code: string, message: string): Fault {
  return { where, code, message };
}

/** What the lease of a client is told of, and what bounds it. */
export interface LeaseHooks {
  readonly fetch: typeof globalThis.fetch;
  /** The one origin that requests may go to, and thereby the token. */
  readonly origin: string;
  /** Headers for every request to that origin. */
  readonly credentials: Readonly<Record<string, string>>;
  /**
   * Answers that were fetched and checked before, by URL. The client gets these and no others, so
   * that a server cannot show us one configuration and the client another.
   */
  readonly prepared: ReadonlyMap<string, string>;
  /** Ends every request and stream of the lease. */
  readonly signal: AbortSignal;
  /** An answer to the request itself that is not a success. */
  readonly onRefusedRequest: (response: Response, body: unknown) => void;
  readonly onJob: (jobId: string) => Promise<void>;
  /** The server says that it lost the job. */
  readonly onUnexpectedError: (message: string | undefined, sessionLost: boolean) => void;
  readonly onFault: (fault: Fault) => void;
}

export interface LeaseOptions extends ClientOptions {
  readonly lease: LeaseHooks;
}

// An answer of a function without a queue may hold media as data URIs.
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * The official client, with its two ways onto the network replaced. Verified with 2.7.0, 2026-11:
 * left alone it has no deadline, turns 429 and 502 into words, waits for ever on a stream that ends
 * or breaks, dies of an unhandled rejection on bad JSON, and follows the server to other origins
 * with the token in hand.
 *
 * One client serves one job and is dropped.
 */
export class LeasedClient extends GradioClient {
  readonly #lease: LeaseHooks;

  constructor(reference: string, options: LeaseOptions) {
    super(reference, options);
    this.#lease = options.lease;
  }

  override async fetch(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(input);
    const prepared = this.#lease.prepared.get(url.href);
    if (prepared !== undefined) return new Response(prepared);
    const isRequest = /\/queue\/join$|\/run\/[^/]+$/.test(url.pathname);
    try {
      const response = await this.#send(url, init, this.#lease.signal);
      return isRequest ? await this.#inspect(url, response) : response;
    } catch (error) {
      if (isRequest) this.#report('request', error);
      throw error;
    }
  }

  override stream(url: URL): MessageSink {
    const ended = new AbortController();
    const sink: MessageSink = {
      onmessage: null,
      onerror: null,
      close: () => ended.abort(),
    };
    const signal = AbortSignal.any([ended.signal, this.#lease.signal]);
    if (/\/heartbeat\/[^/]+$/.test(url.pathname)) {
      // It tells the server that the session is alive, and tells us nothing.
      this.#beat(url, signal).catch(() => {});
    } else {
      // The client aborts this one when the server says `close_stream`.
      this.abort_controller = ended;
      this.#read(url, sink, signal).catch((error: unknown) => {
        if (!signal.aborted) this.#report('stream', error);
      });
    }
    return sink;
  }

  async #send(url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> {
    if (url.origin !== this.#lease.origin) throw new LeaseFault('foreign_origin');
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.#lease.credentials)) headers.set(name, value);
    const response = await this.#lease.fetch(url, { ...init, headers, redirect: 'manual', signal });
    // Followed, a redirect would carry the prompt to wherever the server likes.
    if (response.status >= 300 && response.status < 400) throw new LeaseFault('redirected');
    return response;
  }

  /** Keeps what the client throws away, and hands it a copy of the answer. */
  async #inspect(url: URL, response: Response): Promise<Response> {
    const text = await readText(response, MAX_ANSWER_BYTES);
    const body = parseJson(text);
    if (!response.ok) this.#lease.onRefusedRequest(response, body ?? text);
    else if (body === undefined) throw new LeaseFault('bad_json');
    else if (url.pathname.endsWith('/queue/join')) {
      const join = gradioJoinSchema.safeParse(body);
      if (!join.success) throw new LeaseFault('bad_message');
      await this.#lease.onJob(join.data.event_id);
    }
    return new Response(text === '' ? null : text, { status: response.status });
  }

  async #beat(url: URL, signal: AbortSignal): Promise<void> {
    const response = await this.#send(url, {}, signal);
    for await (const _chunk of response.body ?? []) signal.throwIfAborted();
  }

  async #read(url: URL, sink: MessageSink, signal: AbortSignal): Promise<void> {
    const headers = { accept: 'text/event-stream' };
    const response = await this.#send(url, { headers }, signal);
    if (!response.ok || response.body === null) throw new LeaseFault(`http_${response.status}`);
    let completed = false;
    for await (const data of readEventStream(response.body)) {
      const parsed = parseJson(data);
      if (parsed === undefined) throw new LeaseFault('bad_json');
      const message = gradioMessageSchema.safeParse(parsed);
      if (!message.success) {
        const known = message.error.issues.every((issue) => issue.path[0] !== 'msg');
        throw new LeaseFault(known ? 'bad_message' : 'unknown_message');
      }
      if (message.data.msg === 'unexpected_error') {
        const { message: words, session_not_found: lost } = message.data;
        this.#lease.onUnexpectedError(words ?? undefined, lost === true);
        return;
      }
      completed ||= message.data.msg === 'process_completed';
      // Its promise rejects where the client stumbles over a message.
      await sink.onmessage?.({ data });
    }
    if (!completed) throw new LeaseFault('ended_early');
  }

  #report(where: Fault['where'], error: unknown): void {
    const code = error instanceof LeaseFault ? error.code : networkErrorCode(error);
    this.#lease.onFault({
      where,
      code: code ?? (error instanceof TypeError ? 'network' : 'client_error'),
      message: FAULT_MESSAGES.get(code ?? '') ?? 'the connection failed',
    });
  }
}

/** A fault of the peer, found while a client was leased. */
class LeaseFault extends Error {
  readonly code: string;

  constructor(code: string) {
    super(FAULT_MESSAGES.get(code) ?? code);
    this.name = 'LeaseFault';
    this.code = code;
  }
}

const FAULT_MESSAGES: ReadonlyMap<string, string> = new Map([
  ['foreign_origin', 'the app sent the client to another origin'],
  ['redirected', 'the app answered with a redirect'],
  ['bad_json', 'the app sent something that is not JSON'],
  ['bad_message', 'the app sent a message without its usual parts'],
  ['unknown_message', 'the app sent a message of an unknown kind'],
  ['ended_early', 'the event stream ended before the result'],
]);
