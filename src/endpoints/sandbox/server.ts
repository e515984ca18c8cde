import { createServer } from 'node:http';
import type { Modality } from '../../core/prompt.ts';
import type { KnowledgeByPrompt } from './knowledge.ts';
import type { SandboxPersona } from './personas.ts';
import { createServedFiles } from './server/files.ts';
import { json, type Reply, readJson } from './server/http.ts';
import { createJobs } from './server/jobs.ts';
import { createRoutes } from './server/routes.ts';
import { API_PREFIX } from './server/schema.ts';
import { createSessions } from './server/sessions.ts';

export interface SandboxServerOptions {
  readonly persona: SandboxPersona;
  /** Planted truth; a prompt that is not there is judged by its words. */
  readonly knowledge: KnowledgeByPrompt;
  /** Path of a usable ffmpeg, asked for with the first video. */
  readonly ffmpegPath: () => Promise<string>;
  readonly modality: Modality;
  /** Added to every answer, default 0. */
  readonly latencyMs?: number | undefined;
  /** Calls that may wait; one more finds the queue full. Default: no limit. */
  readonly queueSize?: number | undefined;
  /** Between heartbeats on open streams, default 15,000. */
  readonly heartbeatMs?: number | undefined;
}

export interface SandboxServer {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Ends every stream, job and socket. Idempotent. */
  close(): Promise<void>;
}

/** Starts a sandbox on a free port of 127.0.0.1. It speaks the Gradio protocol (`sse_v3`). */
export async function startSandboxServer(options: SandboxServerOptions): Promise<SandboxServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}`;

  const abort = new AbortController();
  const sessions = createSessions(options.heartbeatMs ?? 15_000);
  const files = createServedFiles();
  const jobs = createJobs({
    ...options,
    latencyMs: options.latencyMs ?? 0,
    queueSize: options.queueSize ?? Number.POSITIVE_INFINITY,
    sessions,
    files,
    signal: abort.signal,
    describeFile: ({ path, name }) => ({
      path,
      url: `${url}${API_PREFIX}/file=${path}`,
      size: null,
      orig_name: name,
      mime_type: null,
      is_stream: false,
      meta: { _type: 'gradio.FileData' },
    }),
  });
  const { modality } = options;
  const routes = createRoutes({
    modality,
    url,
    appId: port,
    sessions,
    jobs,
    files,
    isHurried: options.persona === 'chaos',
  });

  server.on('request', (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const reply = (answer: Reply): void => answer(response);
    if (request.method === 'GET') reply(routes.get(pathname, searchParams));
    else if (request.method !== 'POST') reply(json(405, { detail: 'Method Not Allowed' }));
    else {
      readJson(request).then(
        (body) => reply(routes.post(pathname, body)),
        () => reply(json(422, { detail: 'There was an error parsing the body' })),
      );
    }
  });

  const close = async (): Promise<void> => {
    abort.abort();
    sessions.close();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await Promise.all([closed, jobs.settled()]);
  };
  let closing: Promise<void> | undefined;
  return {
    url,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
