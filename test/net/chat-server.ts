import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatServerRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface ChatServer {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly requests: readonly ChatServerRequest[];
  readonly stop: () => Promise<void>;
}

/** What the server does with a request; `number` counts from 1. */
export type ChatListener = (
  request: ChatServerRequest,
  response: ServerResponse,
  number: number,
) => void;

/** A local server for the chat protocol, that answers as the test wants. */
export async function startChatServer(listener: ChatListener): Promise<ChatServer> {
  const requests: ChatServerRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const seen = { path: request.url ?? '', headers: request.headers, body };
      requests.push(seen);
      listener(seen, response, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

/** A completion as the protocol has it. */
export function completion(content: string, extra: Readonly<Record<string, unknown>> = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'test-model-2026-01-01',
    system_fingerprint: 'fp_1',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
    ...extra,
  };
}

/** The words of the last message of a request. */
export function lastMessage({ body }: ChatServerRequest): string {
  const messages = (body as { messages: { content: string }[] }).messages;
  return messages.at(-1)?.content ?? '';
}
