import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a request to the fault server looked like. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Replaces the answer of one route. Without it the server behaves well. */
export interface Faults {
  readonly config?: Answer;
  readonly info?: Answer;
  readonly join?: Answer;
  readonly data?: Answer;
  readonly file?: Answer;
  /** Values of a well-behaved result; the default is one picture of this server. */
  readonly values?: (root: string) => readonly unknown[];
  /** Parts of the configuration that differ from the usual. */
  readonly configParts?: (root: string) => Record<string, unknown>;
}
type Answer = (response: ServerResponse, request: IncomingMessage, count: number) => void;

export interface FaultServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Answers that are still being written, event streams among them. */
  readonly openAnswers: () => number;
  readonly stop: () => Promise<void>;
}

// The smallest PNG there is: the fault server proves the way of the bytes, not the picture.
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const PARAMETERS = [
  { parameter_name: 'prompt', component: 'Textbox', type: { type: 'string' } },
  {
    parameter_name: 'guidance_scale',
    component: 'Slider',
    type: { type: 'number' },
    parameter_has_default: true,
    parameter_default: 3.5,
  },
  {
    parameter_name: 'seed',
    component: 'Slider',
    type: { type: 'number' },
    parameter_has_default: true,
    parameter_default: 0,
  },
  {
    parameter_name: 'randomize_seed',
    component: 'Checkbox',
    type: { type: 'boolean' },
    parameter_has_default: true,
    parameter_default: true,
  },
];

/** One server-sent event. */
export function event(message: unknown): string {
  return `data: ${JSON.stringify(message)}\n\n`;
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Starts an event stream and leaves it open. */
export function openStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(event({ msg: 'process_starts', event_id: 'job-1' }));
  return response;
}

/**
 * A plain HTTP server that speaks Gradio's sse_v3 well, but for the faults it is given: those that
 * a real server does not show on demand.
 */
export async function startFaultServer(faults: Faults = {}): Promise<FaultServer> {
  const seen: SeenRequest[] = [];
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();
  let openAnswers = 0;
  let root = '';

  const usual: Record<string, Answer> = {
    config: (response) =>
      sendJson(response, {
        root,
        api_prefix: '/gradio_api',
        protocol: 'sse_v3',
        version: '6.0.0',
        connect_heartbeat: true,
        components: [1, 2, 3, 4, 5].map((id) => ({
          id,
          type: 'any',
          props: id === 3 ? { maximum: 99 } : {},
        })),
        dependencies: [
          { id: 0, api_name: 'infer', queue: true, inputs: [1, 2, 3, 4], outputs: [5] },
        ],
        ...faults.configParts?.(root),
      }),
    info: (response) =>
      sendJson(response, {
        named_endpoints: {
          '/infer': { parameters: PARAMETERS, returns: [{ component: 'Image' }] },
        },
        unnamed_endpoints: {},
      }),
    join: (response) => sendJson(response, { event_id: 'job-1' }),
    data: (response) => {
      const values = faults.values?.(root) ?? [{ url: `${root}/file/a.png` }];
      openStream(response);
      response.write(
        event({
          msg: 'process_completed',
          event_id: 'job-1',
          success: true,
          output: { data: values },
        }),
      );
      response.end(event({ msg: 'close_stream', event_id: null }));
    },
    file: (response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG),
    heartbeat: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(event('ALIVE'));
    },
  };

  const server = createServer((request, response) => {
    openAnswers += 1;
    response.once('close', () => {
      openAnswers -= 1;
    });
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = routeOf(url.pathname);
    const count = (counts.get(route) ?? 0) + 1;
    counts.set(route, count);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({
        method: request.method ?? '',
        path: url.pathname,
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString(),
      });
      const answer = (route in faults ? faults[route as keyof Faults] : undefined) as
        | Answer
        | undefined;
      (answer ?? usual[route] ?? ((missing) => missing.writeHead(404).end()))(
        response,
        request,
        count,
      );
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: root,
    seen,
    openAnswers: () => openAnswers,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function routeOf(path: string): string {
  if (path === '/config') return 'config';
  if (path.startsWith('/file/')) return 'file';
  if (path.startsWith('/gradio_api/heartbeat/')) return 'heartbeat';
  return (
    {
      '/gradio_api/info': 'info',
      '/gradio_api/queue/join': 'join',
      '/gradio_api/queue/data': 'data',
    }[path] ?? 'other'
  );
}
