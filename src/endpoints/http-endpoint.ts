import { SafelightError } from '../core/errors.ts';
import { createDeadline, delay, joinSignals } from '../net/deadline.ts';
import { isPrivateHost } from '../net/fetch-media.ts';
import { DEFAULT_RETRY_POLICY } from '../net/retry-policy.ts';
import type { Endpoint, EndpointEnvironment } from './endpoint.ts';
import type { HttpAdapter, HttpAdapterDescription } from './http-adapter.ts';
import { classifyHttp } from './http-classify.ts';
import { type HttpSeams, type JobSetting, runHttpJob } from './http-job.ts';
import type { HttpOptions } from './http-options.ts';
import { probeHttp } from './http-probe.ts';
import { createHttpTransport } from './http-transport.ts';

export type { HttpSeams } from './http-job.ts';

function realSeams({ random }: EndpointEnvironment): HttpSeams {
  return { sleep: delay, random, wallClock: () => new Date() };
}

// For a probe: long enough for a proxy, too short to be taken for a hang.
const PROBE_TIMEOUT_MS = 30_000;
// Replies with inlined media; V8's longest string is 512 MiB.
const MAX_REPLY_BYTES = 400 * 1024 * 1024;

/**
 * A provider's adapter as an endpoint: the shared driver that owns retries with jitter, polling,
 * deadline, abort, size caps, media download, redaction and evidence.
 *
 * @throws SafelightError `endpoint_token_missing` where a variable with a credential is not set.
 */
export function createHttpEndpoint<Options extends HttpOptions>(
  id: string,
  adapter: HttpAdapter<Options>,
  options: Options,
  environment: EndpointEnvironment,
  seams: HttpSeams = realSeams(environment),
): Endpoint {
  const description = adapter.describe(options);
  const secrets = readSecrets(id, description, environment);
  const baseUrl = new URL(description.baseUrl);
  const transport = createHttpTransport({
    baseUrl,
    ownHosts: description.ownHosts ?? [],
    authorization: description.authorization,
    secrets,
    maxBytes: Math.min(MAX_REPLY_BYTES, options.count * options.maxMediaBytes * 1.4 + 1024 * 1024),
    wallClock: seams.wallClock,
  });
  const closing = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let addressIsPrivate: Promise<boolean> | undefined;

  const track = <Value>(work: Promise<Value>): Promise<Value> => {
    underWay.add(work);
    const forget = (): void => {
      underWay.delete(work);
    };
    work.then(forget, forget);
    return work;
  };
  const setting = async (): Promise<JobSetting<Options>> => {
    addressIsPrivate ??= isPrivateHost(baseUrl);
    return {
      adapter,
      options,
      description,
      transport,
      addressIsPrivate: await addressIsPrivate,
      secrets,
      policy: { ...DEFAULT_RETRY_POLICY, maxAttempts: options.maxAttempts },
      now: environment.now,
      seams,
    };
  };
  const assertOpen = (): void => {
    if (closing.signal.aborted) throw new Error(`endpoint "${id}" is closed`);
  };

  return {
    id,
    modality: description.modality,
    describe: async (signal) => {
      assertOpen();
      const joined = joinSignals([signal, closing.signal]);
      const deadline = createDeadline(PROBE_TIMEOUT_MS, joined.signal);
      try {
        const revision = await track(
          probeHttp(id, adapter, options, description, transport, deadline.signal),
        );
        return {
          id,
          kind: adapter.protocol,
          modality: description.modality,
          revision: revision ?? description.revision,
          parameters: description.parameters,
          safetySettings: description.safetySettings,
          ...noticeOf(description),
        };
      } finally {
        deadline.dispose();
        joined.dispose();
      }
    },
    generate: async (request, context) => {
      assertOpen();
      const joined = joinSignals([context.signal, closing.signal]);
      const work = setting().then((ready) =>
        runHttpJob(ready, request, { ...context, signal: joined.signal }),
      );
      return track(work.finally(joined.dispose));
    },
    classify: (evidence) => classifyHttp(adapter, options, evidence),
    close: async () => {
      closing.abort(new Error(`endpoint "${id}" was closed`));
      await Promise.allSettled([...underWay]);
      await transport.close();
    },
  };
}

/** Makes an endpoint of an adapter's options. */
export type EndpointFactory<Options> = (
  id: string,
  options: Options,
  environment: EndpointEnvironment,
  seams?: HttpSeams,
) => Endpoint;

/** The factory of an adapter that needs nothing but the shared driver. */
export function endpointFactory<Options extends HttpOptions>(
  adapter: HttpAdapter<Options>,
): EndpointFactory<Options> {
  return (id, options, environment, seams) =>
    createHttpEndpoint(id, adapter, options, environment, seams);
}

function noticeOf({ notice, takesSeed }: HttpAdapterDescription): { notice?: string } {
  const parts = [
    ...(notice === undefined ? [] : [notice]),
    ...(takesSeed ? [] : ['takes no seed: trials cannot be done again exactly']),
  ];
  return parts.length === 0 ? {} : { notice: parts.join('; ') };
}

function readSecrets(
  id: string,
  { authorization }: HttpAdapterDescription,
  { env }: EndpointEnvironment,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(authorization.variables).map(([role, variable]) => {
      const secret = env[variable]?.trim();
      if (secret === undefined || secret === '') {
        throw new SafelightError(
          `endpoint "${id}": the environment variable ${variable} is not set`,
          {
            code: 'endpoint_token_missing',
            kind: 'configuration',
            hint: `Set ${variable}; the pipeline names the variable and never holds the secret.`,
          },
        );
      }
      return [role, secret];
    }),
  );
}
