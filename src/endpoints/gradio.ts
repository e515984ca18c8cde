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
import { connectGradio, type GradioConnection } from './gradio-connection.ts';
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
  let connection: Promise<GradioConnection> | undefined;

  /** One connection for all trials, made anew after the app broke off. */
  const connect = (): Promise<GradioConnection> => {
    if (connection === undefined) {
      const connecting = connectGradio(id, options, secrets, environment, closing.signal);
      connection = connecting;
      connecting.catch(() => {
        if (connection === connecting) connection = undefined;
      });
    }
    return connection;
  };

  const attempt = async (
    request: GenerationRequest,
    context: GenerationContext,
  ): Promise<Evidence> => {
    let connected: GradioConnection;
    try {
      connected = await abortable(connect(), context.signal);
    } catch (error) {
      return connectEvidence(error, options, context.signal.aborted);
    }
    const setting = { connection: connected, options, secrets, environment };
    const evidence = await attemptGradio(setting, request, context);
    const where = evidence.fault?.where;
    // The app may have been restarted with another schema.
    if (where !== undefined && where !== 'media' && where !== 'abort') connection = undefined;
    // Its login has ended.
    if (evidence.response?.status === 401) connection = undefined;
    return evidence;
  };

  const generate = async (
    request: GenerationRequest,
    context: GenerationContext,
  ): Promise<Generation> => {
    const { signal } = context;
    const retries: Evidence['retries'] = [];
    for (;;) {
      const startedAt = environment.now();
      const evidence = { ...(await attempt(request, context)), retries };
      const outcome = classifyGradio(evidence);
      const done: Generation = {
        outcome,
        evidence,
        latencyMs: environment.now() - startedAt,
        costUsd: null,
        revisedPrompt: undefined,
      };
      const again = retryAfter(evidence, outcome, retries.length + 1, policy);
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
      const { plan, revision } = await track(abortable(connect(), signal));
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
