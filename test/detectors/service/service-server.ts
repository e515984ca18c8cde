import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServiceServer {
  readonly url: string;
  readonly requests: readonly { headers: Record<string, unknown>; body: string; path: string }[];
  stop(): Promise<void>;
}

/** A local server that plays a moderation service; `number` counts requests from 1. */
export async function startServiceServer(
  answer: (response: ServerResponse, number: number) => void,
): Promise<ServiceServer> {
  const requests: { headers: Record<string, unknown>; body: string; path: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      requests.push({
        headers: request.headers,
        body: Buffer.concat(chunks).toString('latin1'),
        path: request.url ?? '',
      });
      answer(response, requests.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
