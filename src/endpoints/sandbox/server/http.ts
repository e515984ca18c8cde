import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServedFile } from './files.ts';

/** Writes an answer, and ends it unless it is a stream. */
export type Reply = (response: ServerResponse) => void;

const MAX_BODY_BYTES = 1024 * 1024;

/** Reads a JSON body; rejects for one that is not JSON or too large. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new RangeError('body too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function whole(status: number, type: string, body: Uint8Array): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': type, 'content-length': body.length });
    response.end(body);
  };
}

export function json(status: number, body: object): Reply {
  return whole(status, 'application/json', Buffer.from(JSON.stringify(body)));
}

export function text(status: number, body: string): Reply {
  return whole(status, 'text/plain; charset=utf-8', Buffer.from(body));
}

export function file(served: ServedFile): Reply {
  return whole(200, served.mime, served.bytes);
}

/** `GET /heartbeat/{session}`: a stream that stays open until either side hangs up. */
export const heartbeat: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.write('data: ALIVE\n\n');
};

function comeBack(status: number, body: object): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
    response.end(JSON.stringify(body));
  };
}

/** Asks to be left alone for a moment. */
export const throttled: Reply = comeBack(429, { detail: 'Too Many Requests' });

/** A full queue that soon has room. */
export const busyForNow = (body: object): Reply => comeBack(503, body);

/** A proxy's page where JSON was asked for. */
export const webPage: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>Just a moment</title><p>Checking your browser.');
};

/** Hangs up in the middle. */
export const reset: Reply = (response) => {
  response.socket?.resetAndDestroy();
};

/** Leads to an address that no endpoint on the network may lead to. */
export const privateRedirect: Reply = (response) => {
  response.writeHead(302, { location: 'http://10.0.0.1/picture.png' });
  response.end();
};
