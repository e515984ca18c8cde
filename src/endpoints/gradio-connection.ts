import { SafelightError } from '../core/errors.ts';
import { createDeadline, DeadlineExceeded, delay } from '../net/deadline.ts';
import { isPrivateHost } from '../net/fetch-media.ts';
import { parseJson, readText } from '../net/read-text.ts';
import { RETRYABLE_STATUSES, spreadWait } from '../net/retry-policy.ts';
import { retryAfterMs } from '../net/retry-timing.ts';
import type { EndpointEnvironment } from './endpoint.ts';
import {
  foreignRoot,
  legacy,
  notGradio,
  redirected,
  unauthorized,
  unreachable,
} from './gradio-connection-errors.ts';
import { chooseFunction } from './gradio-functions.ts';
import { type GradioSecrets, logIn, type Sender } from './gradio-login.ts';
import type { GradioOptions } from './gradio-options.ts';
import { type ParameterPlan, planParameters } from './gradio-parameters.ts';
import { type PollPlan, planPoll } from './gradio-poll.ts';
import { type GradioConfig, gradioConfigSchema, gradioInfoSchema } from './gradio-schema.ts';
import { type Place, resolvePlace } from './gradio-space.ts';

/** An app that was reached, checked and understood. */
export interface GradioConnection {
  /** Address of the app without a trailing slash. */
  readonly root: string;
  readonly origin: string;
  readonly addressIsPrivate: boolean;
  readonly api: string | number;
  readonly plan: ParameterPlan;
  /** Undefined where the answer to the request itself holds the media. */
  readonly poll: PollPlan | undefined;
  /** Checked answers for the client, by URL. */
  readonly prepared: ReadonlyMap<string, string>;
  /** What the app and nobody else gets with every request. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Address of a file on the app's machine. */
  readonly fileUrl: (path: string) => string;
  readonly revision: string | null;
}

/** Why and how long it was waited for an app that woke up, in turn. */
export type Waits = { cause: string; waitedMs: number }[];

const MAX_SCHEMA_BYTES = 32 * 1024 * 1024;
// While an app wakes up: often enough to notice, too rarely to disturb.
const WAKE_POLL_MS = 2_000;

/**
 * Reaches the app and reads its schema. Its configuration is asked for without the token, and a
 * configuration that points to another host is refused before any request carries one.
 *
 * @throws SafelightError where the app is unreachable, is no Gradio app of a current version, or
 * lacks what the options name.
 * @param waits filled in while the app wakes up.
 */
export async function connectGradio(
  id: string,
  options: GradioOptions,
  secrets: GradioSecrets,
  environment: EndpointEnvironment,
  signal: AbortSignal,
  waits: Waits,
): Promise<GradioConnection> {
  const deadline = createDeadline(options.coldStartMs, signal);
  const byToken: Readonly<Record<string, string>> =
    secrets.token === undefined ? {} : { authorization: `Bearer ${secrets.token}` };
  const pause = createPause(waits, environment, deadline.signal);
  const send = createSender(id, environment, deadline.signal, pause);
  const wake = async (host: URL, cause: string): Promise<void> => {
    const asked = await knock(host, byToken, environment, deadline.signal);
    await pause(cause, asked);
  };
  try {
    const place = await resolvePlace(id, options, createGetter(send, byToken), wake);
    const cookies =
      secrets.login === undefined
        ? {}
        : await logIn(id, withSlash(place.base), secrets.login, byToken, send);
    const credentials = { ...byToken, ...cookies };
    return await readSchema(id, options, place, credentials, createGetter(send, credentials));
  } catch (error) {
    signal.throwIfAborted();
    if (!(deadline.signal.reason instanceof DeadlineExceeded)) throw error;
    throw new SafelightError(`endpoint "${id}": no answer within ${options.coldStartMs} ms`, {
      code: 'endpoint_timeout',
      kind: 'environment',
      hint: 'Is the app running? `coldStartMs` is how long it may take to wake up.',
    });
  } finally {
    deadline.dispose();
  }
}

async function readSchema(
  id: string,
  options: GradioOptions,
  place: Place,
  credentials: Readonly<Record<string, string>>,
  get: Getter,
): Promise<GradioConnection> {
  const base = place.base;
  const open = await get(new URL('config', withSlash(base)), { authorized: false });
  // A private app tells nothing without it; the token goes no further than its own origin.
  const needsToken = open.status === 401 || open.status === 403 || open.status === 404;
  const answer = needsToken
    ? await get(new URL('config', withSlash(base)), { authorized: true })
    : open;
  if (answer.status === 401 || answer.status === 403) throw unauthorized(id, answer.status);
  const config = gradioConfigSchema.safeParse(answer.body);
  if (answer.status !== 200 || !config.success || config.data.dependencies.length === 0) {
    throw notGradio(id, answer.status);
  }
  if (config.data.auth_required === true) throw unauthorized(id, 401);
  if (config.data.protocol === 'ws') throw legacy(id);

  const root = checkedRoot(id, config.data, base);
  const prefix = checkedPrefix(id, config.data);
  const infoUrl = new URL(`${root}${prefix}/info`);
  const infoAnswer = await get(infoUrl, { authorized: true });
  const info = gradioInfoSchema.safeParse(infoAnswer.body);
  if (infoAnswer.status !== 200 || !info.success) throw notGradio(id, infoAnswer.status);

  const wanted = { api: options.api, modality: options.modality };
  const chosen = chooseFunction(info.data, config.data, wanted, id);
  const handed = {
    ...(typeof answer.body === 'object' ? answer.body : {}),
    root,
    api_prefix: prefix,
    // With a Space's name and a token the client would ask Hugging Face for a signed token, and put
    // it into every address. The header does without.
    space_id: null,
  };
  return {
    root,
    origin: new URL(root).origin,
    addressIsPrivate: await isPrivateHost(base),
    api: chosen.api,
    plan: planParameters(
      chosen.function.parameters,
      options,
      (index) => sliderMaximum(config.data, chosen.api, index),
      id,
    ),
    poll: planPoll(info.data, config.data, options, id),
    prepared: new Map([
      [new URL('config', withSlash(new URL(root))).href, JSON.stringify(handed)],
      [infoUrl.href, JSON.stringify(infoAnswer.body)],
    ]),
    credentials,
    fileUrl: (path) => `${root}${prefix}/file=${path}`,
    revision: place.revision,
  };
}

/** The app's root at the origin that was configured. Behind a proxy an app may take its scheme for http. */
function checkedRoot(id: string, config: GradioConfig, base: URL): string {
  const claimed = config.root === undefined || config.root === '' ? base.href : config.root;
  const root = URL.canParse(claimed, base.href) ? new URL(claimed, base.href) : undefined;
  if (root?.hostname !== base.hostname || root.port !== base.port) {
    throw foreignRoot(id);
  }
  return `${base.origin}${root.pathname}`.replace(/\/+$/, '');
}

/** Put behind the root, "@elsewhere" or ":81" would make another host of it. */
function checkedPrefix(id: string, config: GradioConfig): string {
  const prefix = config.api_prefix.replace(/\/+$/, '');
  if (!/^(\/[\w.~-]+)*$/.test(prefix)) throw foreignRoot(id);
  return prefix;
}

function sliderMaximum(
  config: GradioConfig,
  api: string | number,
  index: number,
): number | undefined {
  const dependency = config.dependencies.find((entry, at) =>
    typeof api === 'number' ? (entry.id ?? at) === api : `/${String(entry.api_name)}` === api,
  );
  // The schema's parameters leave states out.
  const inputs = (dependency?.inputs ?? [])
    .map((input) => config.components.find((component) => component.id === input))
    .filter((component) => component?.type !== 'state');
  const maximum = inputs[index]?.props.maximum;
  return typeof maximum === 'number' && maximum >= 1 ? Math.floor(maximum) : undefined;
}

export interface GetAnswer {
  readonly status: number;
  /** Undefined where it is not JSON. */
  readonly body: unknown;
}

/** Asks for JSON, waiting for an app that wakes up until the cold start's deadline. */
export type Getter = (url: URL, how: { readonly authorized: boolean }) => Promise<GetAnswer>;

function createGetter(send: Sender, credentials: Readonly<Record<string, string>>): Getter {
  return async (url, { authorized }) => {
    const { status, text } = await send(url, {
      headers: { accept: 'application/json', ...(authorized ? credentials : {}) },
    });
    return { status, body: parseJson(text) };
  };
}

/** Sends until the app is awake, and follows no redirects. */
function createSender(
  id: string,
  environment: EndpointEnvironment,
  signal: AbortSignal,
  pause: Pause,
): Sender {
  return async (url, init) => {
    for (;;) {
      const response = await reach(id, url, init, environment, signal);
      const text = await readBody(id, response, signal);
      if (response.status >= 300 && response.status < 400) throw redirected(id, response, url);
      if (!isWaking(response.status)) return { status: response.status, response, text };
      const asked = retryAfterMs(Object.fromEntries(response.headers));
      await pause(`http_${response.status}`, asked);
    }
  };
}

/**
 * A sleeping Space wakes up because somebody asks it for something, whatever it answers.
 *
 * @returns the wait that it asks for, if it does.
 */
async function knock(
  host: URL,
  headers: Readonly<Record<string, string>>,
  environment: EndpointEnvironment,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const init: RequestInit = { headers: { ...headers }, redirect: 'manual', signal };
    const answer = await environment.fetch(new URL('config', withSlash(host)), init);
    await answer.body?.cancel();
    return retryAfterMs(Object.fromEntries(answer.headers));
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** @param askedMs as the server asks, if it does. */
type Pause = (cause: string, askedMs: number | undefined) => Promise<void>;

/** Waits, spread so that many runs do not knock in step, and adds up for every cause in turn how long that took. */
function createPause(waits: Waits, environment: EndpointEnvironment, signal: AbortSignal): Pause {
  return async (cause, askedMs) => {
    const ms = spreadWait(askedMs, WAKE_POLL_MS, environment.random);
    const last = waits.at(-1);
    const wait = last?.cause === cause ? last : { cause, waitedMs: 0 };
    if (wait !== last) waits.push(wait);
    const startedAt = environment.now();
    const before = wait.waitedMs;
    try {
      await delay(ms, signal);
      wait.waitedMs = before + ms;
    } catch (error) {
      wait.waitedMs = before + Math.round(environment.now() - startedAt);
      throw error;
    }
  };
}

function isWaking(status: number): boolean {
  return status !== 409 && RETRYABLE_STATUSES.has(status);
}

async function reach(
  id: string,
  url: URL,
  init: RequestInit,
  environment: EndpointEnvironment,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await environment.fetch(url, { ...init, redirect: 'manual', signal });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(id, error);
  }
}

async function readBody(id: string, response: Response, signal: AbortSignal): Promise<string> {
  try {
    return await readText(response, MAX_SCHEMA_BYTES);
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(id, error);
  }
}

/** Relative addresses are resolved below the app's path. */
function withSlash(url: URL): URL {
  return url.href.endsWith('/') ? url : new URL(`${url.href}/`);
}
