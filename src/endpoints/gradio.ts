import { SafelightError } from '../core/errors.ts';
import { type Evidence, PROMPT_PLACEHOLDER } from '../core/evidence.ts';
import type { Outcome } from '../core/outcome.ts';
import { delay, joinSignals } from '../net/deadline.ts';
import { DEFAULT_RETRY_POLICY, decideRetry } from '../net/retry-policy.ts';
import type {
  Endpoint,
  EndpointDescription,
  EndpointEnvironment,
  Generation,
  GenerationContext,
  GenerationRequest,
} from './endpoint.ts';
import { attemptGradio } from './gradio-attempt.ts';
import { classifyGradio, GRADIO_PROTOCOL } from './gradio-classify.ts';
import { connectGradio, type GradioConnection, type Waits } from './gradio-connection.ts';
import { readSecrets } from './gradio-login.ts';
import type { GradioOptions } from './gradio-options.ts';

export { type GradioOptions, gradioOptionsSchema } from './gradio-options.ts';

/**
 * A Gradio app or Hugging Face Space as an endpoint, over the official `@gradio/client` (2.7.0,
 * verified 2026-11 against Gradio 6.31). Names, order and defaults of its parameters are read from
 * the app itself.
 *
 * @throws SafelightError where a variable named by `tokenEnv` or `auth` is not set.
 */
export function createGradioEndpoint(
  id: string,
  options: GradioOptions,
  environment: EndpointEnvironment,
): Endpoint {
  const secrets = readSecrets(id, options, environment);
  const policy = { ...DEFAULT_RETRY_POLICY, maxAttempts: options.maxAttempts };
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let connection: Connecting | undefined;

  /** One connection for all trials, made anew after the app broke off. */
  const connect = (): Connecting => {
    if (connection === undefined) {
      const waits: Waits = [];
      const connecting: Connecting = {
        ready: connectGradio(id, options, secrets, environment, closing.signal, waits),
        waits,
        settled: false,
      };
      connection = connecting;
      connecting.ready.then(
        () => {
          connecting.settled = true;
        },
        () => {
          connecting.settled = true;
          if (connection === connecting) connection = undefined;
        },
      );
    }
    return connection;
  };

  const attempt = async (
    request: GenerationRequest,
    context: GenerationContext,
  ): Promise<Attempt> => {
    const connecting = connect();
    // Who finds the app awake has not waited for it.
    const waits = connecting.settled ? [] : connecting.waits;
    let connected: GradioConnection;
    try {
      connected = await abortable(connecting.ready, context.signal);
    } catch (error) {
      const evidence = connectEvidence(error, options, context.signal.aborted);
      return { evidence, waits: copyOf(waits), revision: null };
    }
    const setting = { connection: connected, options, secrets, environment };
    const evidence = await attemptGradio(setting, request, context);
    if (connection === connecting && isLost(evidence)) connection = undefined;
    return { evidence, waits: copyOf(waits), revision: connected.revision };
  };

  const generate = async (
    request: GenerationRequest,
    context: GenerationContext,
  ): Promise<Generation> => {
    const { signal } = context;
    const retries: Evidence['retries'] = [];
    for (let attempts = 1; ; attempts += 1) {
      const startedAt = environment.now();
      const { evidence: collected, waits, revision } = await attempt(request, context);
      retries.push(...waits);
      const evidence = { ...collected, retries };
      const outcome = classifyGradio(evidence);
      const done: Generation = {
        outcome,
        evidence,
        latencyMs: environment.now() - startedAt,
        costUsd: null,
        revisedPrompt: undefined,
        ...(revision === null ? {} : { reported: { revision } }),
      };
      const again = retryAfter(evidence, outcome, attempts, policy, environment.random);
      if (again === undefined) return done;
      try {
        await delay(again.waitMs, signal);
      } catch {
        return done;
      }
      retries.push({ cause: again.cause, waitedMs: again.waitMs });
    }
  };

  const track = <Value>(work: Promise<Value>): Promise<Value> => {
    underWay.add(work);
    const forget = (): void => {
      underWay.delete(work);
    };
    work.then(forget, forget);
    return work;
  };

  return {
    id,
    modality: options.modality,
    describe: async (signal) => {
      const { plan, revision } = await track(abortable(connect().ready, signal));
      return describe(id, options, plan, revision);
    },
    generate: (request, context) => {
      if (closing.signal.aborted) return Promise.reject(new Error(`endpoint "${id}" is closed`));
      const joined = joinSignals([context.signal, closing.signal]);
      const work = generate(request, { ...context, signal: joined.signal });
      return track(work.finally(joined.dispose));
    },
    classify: classifyGradio,
    close: async () => {
      closing.abort(new Error(`endpoint "${id}" was closed`));
      await Promise.allSettled([...underWay]);
    },
  };
}

interface Connecting {
  readonly ready: Promise<GradioConnection>;
  readonly waits: Waits;
  settled: boolean;
}

interface Attempt {
  readonly evidence: Evidence;
  /** For an app that had to wake up before this attempt. */
  readonly waits: Waits;
  readonly revision: string | null;
}

function copyOf(waits: Waits): Waits {
  return waits.map((wait) => ({ ...wait }));
}

/** Whether the app has to be reached anew before it is asked again. */
function isLost({ fault, response }: Evidence): boolean {
  // It may have been restarted with another schema.
  if (fault !== undefined && fault.where !== 'media' && fault.where !== 'abort') return true;
  // The login has ended.
  if (response?.status === 401) return true;
  // Busy apps say so in JSON; a page comes from the host of one that fell asleep.
  const fromHost = typeof response?.body === 'string';
  return (
    fromHost && (response.status === 502 || response.status === 503 || response.status === 504)
  );
}

function describe(
  id: string,
  options: GradioOptions,
  plan: GradioConnection['plan'],
  revision: string | null,
): EndpointDescription {
  return {
    id,
    kind: GRADIO_PROTOCOL,
    modality: options.modality,
    revision,
    parameters: plan.fixed,
    safetySettings: plan.safetySettings,
    ...(plan.takesSeed ? {} : { notice: 'takes no seed: trials cannot be done again exactly' }),
  };
}

function retryAfter(
  evidence: Evidence,
  outcome: Outcome,
  attempt: number,
  policy: typeof DEFAULT_RETRY_POLICY,
  random: () => number,
): ReturnType<typeof decideRetry> {
  // Refusals and media are answers. A quota refills in hours: waiting for it is the caller's choice.
  if (outcome.kind !== 'failed' || outcome.cause === 'quota') return undefined;
  const { fault, response } = evidence;
  const beforeSending = fault?.where === 'connect' || fault?.where === 'request';
  return decideRetry(
    {
      status: response?.status,
      headers: response?.headers ?? {},
      networkCode: beforeSending ? fault.code : undefined,
      attempt,
    },
    policy,
    random,
  );
}

/** What is left of an attempt that never reached the app. */
function connectEvidence(error: unknown, options: GradioOptions, aborted: boolean): Evidence {
  const code = error instanceof SafelightError ? error.code : 'client_error';
  return {
    protocol: GRADIO_PROTOCOL,
    request: { api: options.api ?? null, data: [PROMPT_PLACEHOLDER] },
    events: [],
    media: [],
    requested: options.count,
    fault: aborted
      ? { where: 'abort', code: 'aborted', message: 'stopped by the caller' }
      : {
          where: code === 'endpoint_timeout' ? 'deadline' : 'connect',
          code,
          message: error instanceof SafelightError ? error.message : 'the app could not be reached',
        },
    retries: [],
  };
}

/** Stops waiting when the signal aborts; the work itself is shared and goes on. */
async function abortable<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
