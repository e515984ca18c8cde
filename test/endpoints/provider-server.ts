import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { PNG } from './fault-server.ts';

/** One reply of the provider. Without a body it is empty. */
export interface PlayedReply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  /** Takes over the connection: what a well-behaved server does not do. */
  readonly raw?: (response: ServerResponse, request: IncomingMessage) => void;
}

export interface ProviderRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A medium that the provider can return in whatever way it does. */
export interface PlayedMedium {
  readonly url: string;
  readonly base64: string;
  readonly bytes: Uint8Array;
}

/** Plays a provider from rows of replies: one for each call of its API, the last one again and again. */
export interface ProviderServer {
  readonly url: string;
  /** Calls of the API, media apart. */
  readonly calls: readonly ProviderRequest[];
  readonly mediaRequests: readonly ProviderRequest[];
  /** Media differ by number; the bytes of a medium are the same on every call. */
  medium(index: number): PlayedMedium;
  /** Serves these bytes as every medium; undefined serves the small ones again. */
  serve(bytes: Uint8Array | undefined): void;
  play(replies: readonly PlayedReply[]): void;
  /** What comes in place of media, in order, before they are served. */
  playMedia(replies: readonly PlayedReply[]): void;
  readonly openSockets: () => number;
  readonly stop: () => Promise<void>;
}

// Enough of an MP4 for its type to be sniffed: this server proves the way of the bytes.
const MP4 = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from('ftypisom\0\0\x02\0isommp41', 'latin1'),
]);

export async function startProviderServer(modality: 'image' | 'video'): Promise<ProviderServer> {
  const calls: ProviderRequest[] = [];
  const mediaRequests: ProviderRequest[] = [];
  const sockets = new Set<Socket>();
  let replies: readonly PlayedReply[] = [];
  let mediaReplies: readonly PlayedReply[] = [];
  let url = '';
  let served: Uint8Array | undefined;

  const mediumBytes = (index: number): Uint8Array =>
    served ?? Buffer.concat([modality === 'image' ? PNG : MP4, Buffer.from(`#${index}`)]);
  const contentType = modality === 'image' ? 'image/png' : 'video/mp4';

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      const path = request.url ?? '/';
      const seen: ProviderRequest = {
        method: request.method ?? '',
        path,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      };
      // By address, as the content of a job of the OpenAI videos protocol, or as a file of ComfyUI.
      const medium = /^\/media\/(\d+)\.|\/medium-(\d+)\/content$|^\/view\?filename=(\d+)\./.exec(
        path,
      );
      if (medium === null) {
        const reply = replies[Math.min(calls.length, replies.length - 1)];
        calls.push(seen);
        send(reply ?? { status: 404 }, response, request);
      } else {
        const reply = mediaReplies[mediaRequests.length];
        mediaRequests.push(seen);
        send(
          reply ?? {
            headers: { 'content-type': contentType },
            bytes: mediumBytes(Number(medium[1] ?? medium[2] ?? medium[3])),
          },
          response,
          request,
        );
      }
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    mediaRequests,
    medium: (index) => {
      const bytes = mediumBytes(index);
      return {
        url: `${url}/media/${index}.${modality === 'image' ? 'png' : 'mp4'}?signature=s3cr3t`,
        base64: Buffer.from(bytes).toString('base64'),
        bytes,
      };
    },
    serve: (bytes) => {
      served = bytes;
    },
    play: (next) => {
      replies = next;
      mediaReplies = [];
      calls.length = 0;
      mediaRequests.length = 0;
    },
    playMedia: (next) => {
      mediaReplies = next;
    },
    openSockets: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function send(reply: PlayedReply, response: ServerResponse, request: IncomingMessage): void {
  if (reply.raw !== undefined) {
    reply.raw(response, request);
    return;
  }
  const { status = 200, headers = {}, json, text, bytes } = reply;
  const body = bytes ?? (json === undefined ? text : JSON.stringify(json));
  const type = json === undefined ? 'text/plain' : 'application/json';
  response.writeHead(status, {
    ...(body === undefined || bytes !== undefined ? {} : { 'content-type': type }),
    ...headers,
  });
  response.end(body);
}
