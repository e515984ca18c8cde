import { z } from 'zod';
import type { Modality } from '../../../core/prompt.ts';
import type { ServedFiles } from './files.ts';
import {
  busyForNow,
  file,
  heartbeat,
  json,
  privateRedirect,
  type Reply,
  reset,
  text,
  throttled,
  webPage,
} from './http.ts';
import { type Jobs, PRIVATE_PATH } from './jobs.ts';
import { callFormat, queueFormat } from './messages.ts';
import { API_PREFIX, configBody, infoBody, SANDBOX_FUNCTIONS } from './schema.ts';
import type { Sessions } from './sessions.ts';

export interface RouteOptions {
  readonly modality: Modality;
  readonly url: string;
  readonly appId: number;
  readonly sessions: Sessions;
  readonly jobs: Jobs;
  readonly files: ServedFiles;
  /** Asks clients to come back at once, so that many faults pass in little time. */
  readonly isHurried: boolean;
}

export interface Routes {
  get(path: string, query: URLSearchParams): Reply;
  post(path: string, body: unknown): Reply;
}

const callSchema = z.object({ data: z.array(z.unknown()) });
const joinSchema = callSchema.extend({
  fn_index: z.literal(0),
  session_hash: z.string().min(1).max(200).nullish(),
});
const NOT_FOUND = json(404, { detail: 'Not Found' });
const INVALID_BODY = json(422, { detail: 'Invalid request body.' });

/** The paths of a Gradio 6 application that clients use. */
export function createRoutes(options: RouteOptions): Routes {
  const { modality, url, appId, sessions, jobs, files } = options;
  const callPath = `/call/${SANDBOX_FUNCTIONS[modality].apiName}`;

  const join = (data: readonly unknown[], session: string | undefined): Reply => {
    const result = jobs.join(data, session);
    switch (result.kind) {
      case 'joined':
        return json(200, { event_id: result.eventId });
      case 'full':
        return options.isHurried
          ? busyForNow({ detail: result.detail })
          : json(503, { detail: result.detail });
      case 'throttled':
        return throttled;
      case 'web_page':
        return webPage;
      case 'reset':
        return reset;
    }
  };

  return {
    get(path, query) {
      if (path === '/') return text(200, 'Safelight sandbox: a procedural renderer.');
      if (path === '/config') return json(200, configBody(modality, url, appId));
      if (!path.startsWith(API_PREFIX)) return NOT_FOUND;
      const inner = path.slice(API_PREFIX.length);
      if (inner === '/info') return json(200, infoBody(modality));
      if (inner === '/app_id') return json(200, { app_id: appId });
      if (inner === '/queue/data') {
        const session = query.get('session_hash') ?? '';
        return (response) => sessions.attach(session, response, queueFormat);
      }
      if (inner.startsWith(`${callPath}/`)) {
        const event = inner.slice(callPath.length + 1);
        return (response) => sessions.attach(event, response, callFormat);
      }
      if (inner.startsWith('/heartbeat/')) return heartbeat;
      if (inner === `/file=${PRIVATE_PATH.path}`) return privateRedirect;
      const served = inner.startsWith('/file=') ? files.get(inner.slice(6)) : undefined;
      return served === undefined ? NOT_FOUND : file(served);
    },
    post(path, body) {
      switch (path) {
        case `${API_PREFIX}/queue/join`: {
          const parsed = joinSchema.safeParse(body);
          if (!parsed.success) return INVALID_BODY;
          return join(parsed.data.data, parsed.data.session_hash ?? undefined);
        }
        case `${API_PREFIX}${callPath}`: {
          const parsed = callSchema.safeParse(body);
          return parsed.success ? join(parsed.data.data, undefined) : INVALID_BODY;
        }
        // A client that gives up posts to these and then hangs up, which is what ends its jobs.
        case `${API_PREFIX}/cancel`:
        case `${API_PREFIX}/reset`:
          return json(200, { success: true });
        default:
          return NOT_FOUND;
      }
    },
  };
}
