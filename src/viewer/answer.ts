import type { IncomingMessage, ServerResponse } from 'node:http';
import { SafelightError } from '../core/errors.ts';

/** Longest request that is read. */
const REQUEST_LIMIT_BYTES = 64 * 1024;

/** A problem with a request, told to the page as JSON. */
export class RequestError extends SafelightError {
  readonly status: number;

  constructor(status: number, code: string, message: string, hint?: string) {
    super(message, { code, kind: 'input', ...(hint === undefined ? {} : { hint }) });
    this.name = 'RequestError';
    this.status = status;
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

/** What is not foreseen is told without its text: that could hold anything. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (error instanceof SafelightError) {
    const status = error instanceof RequestError ? error.status : 500;
    const { code, message, hint } = error;
    // The rest of such a request is not read: nothing else can come over this connection.
    if (status === 413) response.setHeader('connection', 'close');
    sendJson(response, status, { error: { code, message, hint } });
    return;
  }
  sendJson(response, 500, {
    error: { code: 'internal', message: 'the viewer could not answer this request' },
  });
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > REQUEST_LIMIT_BYTES) {
      throw new RequestError(413, 'request_too_large', 'the request is too long');
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] !== 'application/json') {
    throw new RequestError(415, 'not_json', 'the request is not JSON');
  }
  try {
    return JSON.parse(await readBody(request));
  } catch (error) {
    if (error instanceof SafelightError) throw error;
    throw new RequestError(400, 'not_json', 'the request is not JSON');
  }
}
