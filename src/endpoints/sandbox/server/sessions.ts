import type { ServerResponse } from 'node:http';
import { type GradioMessage, type MessageFormat, unexpectedError } from './messages.ts';

/** Something for a session's stream. `raw` and `end` exist for faults: a real server never plans them. */
export type Delivery =
  | { readonly kind: 'message'; readonly message: GradioMessage }
  | { readonly kind: 'raw'; readonly text: string }
  | { readonly kind: 'end' };

interface Session {
  readonly waiting: Delivery[];
  /** Events that have not completed yet. */
  readonly open: Set<string>;
  readonly abort: AbortController;
  stream: { readonly response: ServerResponse; readonly format: MessageFormat } | undefined;
}

export interface Sessions {
  /** Registers an event. The signal aborts when the session's client goes away. */
  join(sessionHash: string, eventId: string): AbortSignal;
  deliver(sessionHash: string, delivery: Delivery): void;
  /** Answers with the session's stream: what waits is written at once. */
  attach(sessionHash: string, response: ServerResponse, format: MessageFormat): void;
  /** Ends every stream. */
  close(): void;
}

/** As many sessions as Gradio keeps; the oldest without a reader goes first. */
const MAX_SESSIONS = 2000;

export function createSessions(heartbeatMs: number): Sessions {
  const sessions = new Map<string, Session>();

  const drop = (hash: string): void => {
    const session = sessions.get(hash);
    if (session === undefined) return;
    sessions.delete(hash);
    session.abort.abort();
    session.stream?.response.end();
  };

  const flush = (hash: string, session: Session): void => {
    const { stream, waiting, open } = session;
    if (stream === undefined) return;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (next.kind === 'end') {
        drop(hash);
        return;
      }
      const text = next.kind === 'raw' ? next.text : stream.format(next.message);
      if (text !== null) stream.response.write(text);
      if (next.kind !== 'message' || next.message.msg !== 'process_completed') continue;
      open.delete(next.message.event_id);
      if (open.size > 0) continue;
      const farewell = stream.format({ msg: 'close_stream', event_id: null });
      if (farewell !== null) stream.response.write(farewell);
      drop(hash);
      return;
    }
  };

  const beat = setInterval(() => {
    for (const { stream } of sessions.values()) {
      const text = stream?.format({ msg: 'heartbeat', event_id: null });
      if (text) stream?.response.write(text);
    }
  }, heartbeatMs);
  beat.unref();

  return {
    join(hash, eventId) {
      let session = sessions.get(hash);
      if (session === undefined) {
        const oldest = [...sessions].find(([, { stream }]) => stream === undefined);
        if (sessions.size >= MAX_SESSIONS && oldest !== undefined) drop(oldest[0]);
        session = { waiting: [], open: new Set(), abort: new AbortController(), stream: undefined };
        sessions.set(hash, session);
      }
      session.open.add(eventId);
      return session.abort.signal;
    },
    deliver(hash, delivery) {
      const session = sessions.get(hash);
      if (session === undefined) return;
      session.waiting.push(delivery);
      flush(hash, session);
    },
    attach(hash, response, format) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      const session = sessions.get(hash);
      if (session === undefined) {
        response.end(format(unexpectedError('404: Not Found', true)) ?? '');
        return;
      }
      response.flushHeaders();
      session.stream?.response.end();
      session.stream = { response, format };
      response.once('close', () => {
        if (session.stream?.response === response && sessions.get(hash) === session) drop(hash);
      });
      flush(hash, session);
    },
    close() {
      clearInterval(beat);
      for (const [hash, { stream }] of sessions) {
        const text = stream?.format(unexpectedError('Server stopped unexpectedly.', false));
        if (text) stream?.response.write(text);
        drop(hash);
      }
    },
  };
}
