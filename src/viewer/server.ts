import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type Access,
  COOKIE,
  hasSession,
  isFromOurPage,
  isOurHost,
  isSame,
  SECURITY_HEADERS,
} from './access.ts';
import { RequestError, readBody, readJson, sendError, sendJson } from './answer.ts';
import {
  askedRequestSchema,
  type LabelStudy,
  labelRequestBodySchema,
  sittingRequestSchema,
} from './label-study.ts';
import { mediumOf, sendMedium, sendPng } from './media-route.ts';
import { createOpenRuns, type IndexProgress } from './open-runs.ts';
import { recordReveal } from './reveals.ts';
import { thresholdView } from './threshold-view.ts';
import { compareEndpoints, facetsOf, listTrials } from './trial-query.ts';
import { trialStory } from './trial-story.ts';
import {
  compareRequestSchema,
  type KnownRun,
  listRequestSchema,
  revealRequestSchema,
  thresholdRequestSchema,
  trialRequestSchema,
} from './viewer.ts';

export interface ViewerOptions {
  readonly runs: readonly KnownRun[];
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Names beside `host` under which a browser may ask. */
  readonly names: readonly string[];
  readonly secrets: Pick<Access, 'token' | 'session' | 'password'>;
  /** The bundled page. */
  readonly appFolder: string;
  readonly progress: IndexProgress;
  readonly now: () => Date;
  /** What each hazard means, for those who label. */
  readonly definitions: Readonly<Record<string, string>>;
  readonly study?: LabelStudy;
  /** Who looks, where that is known beforehand. */
  readonly who?: string;
}

export interface Viewer {
  /** Opens the viewer, once. */
  readonly address: string;
  close(): Promise<void>;
}

const FILES: Readonly<Record<string, string>> = {
  '/': 'index.html',
  '/app.js': 'app.js',
  '/app.css': 'app.css',
};
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Serves runs to a browser on this machine until it is closed. */
export async function startViewer(options: ViewerOptions): Promise<Viewer> {
  const { secrets, study } = options;
  const runs = createOpenRuns(options.runs, options.progress);
  const revealed = new Set<string>();
  const hosts = new Set<string>();
  const access: Access = { ...secrets, hosts };

  const api: Readonly<Record<string, (body: unknown) => Promise<unknown>>> = {
    '/api/start': async () => ({
      runs: runs.keys,
      labelling: study?.runKey ?? null,
      who: options.who ?? null,
      definitions: options.definitions,
    }),
    '/api/run': async (body) => {
      const { run, index } = await runs.get(z.strictObject({ run: z.string() }).parse(body).run);
      const { runId, pipeline, endpoints, detectors, trialCount } = run;
      return {
        runId,
        pipeline,
        trialCount,
        notices: endpoints.flatMap(({ id, notice }) =>
          notice === undefined ? [] : [{ endpoint: id, notice }],
        ),
        detectors: detectors.map(({ id, testDouble }) => ({ id, testDouble })),
        ...(await facetsOf(index)),
      };
    },
    '/api/list': async (body) => {
      const request = listRequestSchema.parse(body);
      return listTrials((await runs.get(request.run)).index, request);
    },
    '/api/compare': async (body) => {
      const request = compareRequestSchema.parse(body);
      return compareEndpoints((await runs.get(request.run)).index, request);
    },
    '/api/threshold': async (body) => {
      const request = thresholdRequestSchema.parse(body);
      const { run, index } = await runs.get(request.run);
      return thresholdView(index, await run.labels(), request);
    },
    '/api/trial': async (body) => {
      const request = trialRequestSchema.parse(body);
      return trialStory(await runs.get(request.run), request.trial);
    },
    '/api/reveal': async (body) => {
      const {
        run: key,
        trial,
        mediaSha256,
        limit,
        who,
      } = revealRequestSchema.extend({ who: z.string().trim().max(100).optional() }).parse(body);
      const { run } = await runs.get(key);
      await mediumOf(run, trial, mediaSha256);
      const id = revealId(key, trial, mediaSha256);
      if (!revealed.has(id)) {
        if (revealed.size >= limit) {
          throw new RequestError(
            429,
            'limit_reached',
            `the limit of this sitting, ${limit}, is reached`,
            'Take a break; the limit can be changed under Care.',
          );
        }
        await recordReveal(join(run.folder, 'reveals.jsonl'), {
          who: who || options.who || 'unnamed',
          at: options.now().toISOString(),
          runId: run.runId,
          trialId: trial,
          mediaSha256,
          blind: study !== undefined,
        });
        revealed.add(id);
      }
      return { revealed: revealed.size, limit };
    },
    '/api/sitting': async (body) => {
      if (study === undefined) throw notLabelling();
      return study.sitting(sittingRequestSchema.parse(body).labeller);
    },
    '/api/asked': async (body) => {
      if (study === undefined) throw notLabelling();
      return { prompt: study.promptOf(askedRequestSchema.parse(body).at) };
    },
    '/api/label': async (body) => {
      if (study === undefined) throw notLabelling();
      await study.give(labelRequestBodySchema.parse(body));
      return { saved: true };
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (!isOurHost(request, access)) throw new RequestError(421, 'wrong_host', 'not this host');
    if (request.method !== 'GET' && request.method !== 'POST') {
      throw new RequestError(405, 'wrong_method', 'only GET and POST are answered');
    }
    const url = new URL(request.url ?? '/', 'http://viewer.invalid');
    const given = url.searchParams.get('token');
    if (url.pathname === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    if (request.method === 'GET' && url.pathname === '/' && given !== null) {
      if (secrets.password !== undefined || !isSame(given, secrets.token)) throw noSession();
      welcome(response);
      return;
    }
    if (!isFromOurPage(request)) throw new RequestError(403, 'wrong_origin', 'not from this page');
    if (url.pathname === '/login' && secrets.password !== undefined) {
      await login(request, response, secrets.password);
      return;
    }
    if (!hasSession(request, access)) {
      if (secrets.password !== undefined && url.pathname === '/') {
        await sendFile(response, 'login.html');
        return;
      }
      if (secrets.password === undefined || url.pathname !== '/app.css') throw noSession();
    }
    const file = Object.hasOwn(FILES, url.pathname) ? FILES[url.pathname] : undefined;
    if (request.method === 'GET' && file !== undefined) {
      await sendFile(response, file);
      return;
    }
    const act = Object.hasOwn(api, url.pathname) ? api[url.pathname] : undefined;
    if (request.method === 'POST' && act !== undefined) {
      if (study !== undefined && !BLIND.has(url.pathname)) throw blind();
      sendJson(response, 200, await act(await readJson(request)));
      return;
    }
    if (request.method === 'GET' && (await sendPicture(request, response, url))) return;
    throw new RequestError(404, 'not_found', 'there is nothing at this address');
  }

  /** `/preview|media|frame/<run>/<trial>/<sha256>[/<timeMs>]`. */
  async function sendPicture(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<boolean> {
    const [kind, key, trial, sha256, time] = url.pathname.slice(1).split('/').map(decode);
    if (key === undefined || trial === undefined || sha256 === undefined) return false;
    if (kind !== 'preview' && kind !== 'media' && kind !== 'frame') return false;
    const { run } = await runs.get(key);
    const ref = await mediumOf(run, trial, sha256);
    const timeMs = time === undefined ? undefined : Number(time);
    if (timeMs !== undefined && !(timeMs >= 0)) return false;
    if (kind === 'preview') {
      sendPng(response, await run.preview(ref, timeMs));
      return true;
    }
    if (!revealed.has(revealId(key, trial, sha256))) {
      throw new RequestError(403, 'not_revealed', 'this medium was not revealed in this sitting');
    }
    if (kind === 'media') await sendMedium(request, response, run, ref);
    else sendPng(response, await run.frame(ref, timeMs ?? 0));
    return true;
  }

  function welcome(response: ServerResponse): void {
    response.writeHead(303, {
      location: '/',
      'set-cookie': `${COOKIE}=${secrets.session}; HttpOnly; SameSite=Strict; Path=/`,
    });
    response.end();
  }

  let attempts: Promise<void> = Promise.resolve();
  async function login(
    request: IncomingMessage,
    response: ServerResponse,
    password: string,
  ): Promise<void> {
    const given = new URLSearchParams(await readBody(request)).get('password') ?? '';
    if (isSame(given, password)) {
      welcome(response);
      return;
    }
    // One wrong guess a second, however many ask at once.
    attempts = attempts.then(() => new Promise((resolve) => setTimeout(resolve, 1000)));
    await attempts;
    throw new RequestError(401, 'wrong_password', 'this is not the password');
  }

  async function sendFile(response: ServerResponse, name: string): Promise<void> {
    const bytes = await readFile(join(options.appFolder, name));
    response.writeHead(200, { 'content-type': TYPES[name.split('.').at(-1) ?? ''] ?? '' });
    response.end(bytes);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      sendError(response, error instanceof z.ZodError ? badRequest(error) : error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port;
  for (const name of [options.host, ...options.names]) {
    hosts.add(`${name.includes(':') ? `[${name}]` : name}:${port}`);
  }
  const suffix = secrets.password === undefined ? `?token=${secrets.token}` : '';
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    address: `http://${shown}:${port}/${suffix}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await study?.close();
      await runs.close();
    },
  };
}

function revealId(run: string, trial: string, sha256: string): string {
  return JSON.stringify([run, trial, sha256]);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new RequestError(400, 'bad_address', 'the address cannot be read');
  }
}

function badRequest(error: z.ZodError): RequestError {
  const where = error.issues[0]?.path.join('.') ?? '';
  return new RequestError(400, 'bad_request', `the request is not understood: ${where}`);
}

function noSession(): RequestError {
  return new RequestError(
    401,
    'no_session',
    'the viewer was not opened with its address',
    'Open the address that `safelight serve` printed.',
  );
}

/** While people label, nothing tells them endpoint, prompt or score. */
const BLIND: ReadonlySet<string> = new Set([
  '/api/start',
  '/api/sitting',
  '/api/asked',
  '/api/label',
  '/api/reveal',
]);

function blind(): RequestError {
  return new RequestError(
    403,
    'blind',
    'this viewer is for labelling and tells nothing else',
    'Open the run with `safelight serve`.',
  );
}

function notLabelling(): RequestError {
  return new RequestError(404, 'not_labelling', 'there is no queue: start `safelight label <run>`');
}
