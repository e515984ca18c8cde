import type { Evidence } from '../core/evidence.ts';
import { createDeadline, type Deadline, DeadlineExceeded } from '../net/deadline.ts';
import { createRedactor } from '../net/redact.ts';
import { RETRYABLE_STATUSES } from '../net/retry-policy.ts';
import type { EndpointEnvironment, GenerationContext, GenerationRequest } from './endpoint.ts';
import { classifyGradio, GRADIO_PROTOCOL } from './gradio-classify.ts';
import { type Fault, fault, LeasedClient, type LeaseHooks } from './gradio-client.ts';
import type { GradioConnection } from './gradio-connection.ts';
import { createEventRecord, type EventRecord } from './gradio-events.ts';
import type { GradioSecrets } from './gradio-login.ts';
import { collectMedia } from './gradio-media.ts';
import type { GradioOptions } from './gradio-options.ts';
import { type CallEnd, pollUntilReady } from './gradio-poll.ts';

export interface AttemptSetting {
  readonly connection: GradioConnection;
  readonly options: GradioOptions;
  readonly secrets: GradioSecrets;
  readonly environment: EndpointEnvironment;
}

// Enough to understand and to repeat a refused request; cookies and the like stay out.
const KEPT_HEADERS = [
  'content-type',
  'date',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
  'x-request-id',
];

/**
 * Asks the app once and collects the evidence. The client is leased for this one job: whatever
 * happens to it, the next job gets a fresh one.
 *
 * Rejects only with what `context.store` and `context.onJob` threw.
 */
export async function attemptGradio(
  { connection, options, secrets, environment }: AttemptSetting,
  request: GenerationRequest,
  context: GenerationContext,
): Promise<Evidence> {
  const startedAt = environment.now();
  const elapsedMs = (): number => environment.now() - startedAt;
  const redact = createRedactor({
    promptText: request.promptText,
    secrets: [...secretTexts(secrets), ...Object.values(connection.credentials)],
  });
  const data = connection.plan.fill(request.promptText, request.seed);
  const record = createEventRecord(redact, elapsedMs);
  const evidence: Evidence = {
    protocol: GRADIO_PROTOCOL,
    request: redact({
      root: connection.root,
      api: connection.api,
      data,
      ...(connection.poll === undefined ? {} : { poll: connection.poll }),
    }),
    events: record.events,
    media: [],
    requested: options.count,
    retries: [],
  };
  const deadline = createDeadline(options.timeoutMs, context.signal);
  try {
    const fault = await runJob(
      { connection, token: secrets.token, environment, context, record, deadline, data },
      (response) => {
        evidence.response = { ...response, body: redact(response.body) };
      },
      () => classifyGradio(evidence).kind === 'refused',
    );
    if (fault === undefined) {
      await collectMedia({ connection, options, context, record, deadline }, evidence);
    } else {
      evidence.fault = fault;
    }
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    evidence.fault = endOfTime(deadline);
  } finally {
    deadline.dispose();
  }
  return evidence;
}

interface Job {
  readonly connection: GradioConnection;
  readonly token: string | undefined;
  readonly environment: EndpointEnvironment;
  readonly context: GenerationContext;
  readonly record: EventRecord;
  readonly deadline: Deadline;
  readonly data: readonly unknown[];
}

type ResponseEvidence = NonNullable<Evidence['response']>;

/** Runs the job to its end. Returns what went wrong on the wire, if anything did. */
async function runJob(
  job: Job,
  onResponse: (response: ResponseEvidence) => void,
  refused: () => boolean,
): Promise<Fault | undefined> {
  const { connection, token, record, deadline, context } = job;
  const lease = new AbortController();
  const stop = (): void => lease.abort();
  deadline.signal.addEventListener('abort', stop, { once: true });
  // Settles what the client itself would wait for without end.
  let settle: (outcome: Fault | 'told' | { readonly thrown: unknown }) => void = () => {};
  const settled = new Promise<Fault | 'told' | { readonly thrown: unknown }>((resolve) => {
    settle = resolve;
  });
  let polling = false;
  let busy = false;
  const hooks: LeaseHooks = {
    fetch: job.environment.fetch,
    origin: connection.origin,
    credentials: connection.credentials,
    prepared: connection.prepared,
    signal: lease.signal,
    // A broken poll proves nothing of the request, which must not be sent again for it.
    onFault: (fault) => settle(polling ? { ...fault, where: 'stream' } : fault),
    onRefusedRequest: (response, body) => {
      const mayAskAgain =
        RETRYABLE_STATUSES.has(response.status) ||
        response.headers.get('x-should-retry') === 'true';
      busy = polling && mayAskAgain;
      if (!busy) onResponse({ status: response.status, headers: keptHeaders(response), body });
    },
    onJob: async (jobId) => {
      // The job is the request; a poll is none of its own.
      if (polling) return;
      try {
        await context.onJob?.(jobId);
      } catch (error) {
        // Ours, not the app's: it must not end as a broken connection.
        settle({ thrown: error });
        throw error;
      }
    },
    onUnexpectedError: (message, sessionLost) => {
      if (sessionLost) settle(fault('stream', 'session_lost', 'the app forgot the session'));
      else {
        record.add({ type: 'status', stage: 'error', message });
        settle('told');
      }
    },
  };
  try {
    const client = new LeasedClient(connection.root, {
      lease: hooks,
      events: ['data', 'status', 'log'],
      record_history: false,
      ...(token === undefined ? {} : { token }),
    });
    await Promise.race([client.init(), deadline.expired]);
    const ask = async (api: string | number, data: readonly unknown[]): Promise<CallEnd> => {
      busy = false;
      const events = client.submit(api, data, null, null, true);
      for (;;) {
        const step = await Promise.race([events.next(), settled, deadline.expired]);
        if (step === 'told') return 'error';
        if ('thrown' in step) throw step.thrown;
        if ('where' in step) return step;
        if (step.done === true)
          return fault('stream', 'ended_early', 'the job ended without a result');
        const state = record.add(step.value);
        if (state === 'broken') return fault('stream', 'broken', 'the connection broke');
        if (state !== 'running') return state;
      }
    };
    let end = await ask(connection.api, job.data);
    if (end === 'complete' && connection.poll !== undefined) {
      polling = true;
      end = await pollUntilReady({
        ...{ plan: connection.poll, record, deadline, fileUrl: connection.fileUrl },
        ...{ ask, wasBusy: () => busy, refused },
      });
    }
    return typeof end === 'string' ? undefined : end;
  } catch (error) {
    if (deadline.signal.aborted) return endOfTime(deadline);
    throw error;
  } finally {
    deadline.signal.removeEventListener('abort', stop);
    // Ends the streams of events and of the heartbeat, which the client's own `close` leaves open.
    lease.abort();
  }
}

function secretTexts({ token, login }: GradioSecrets): string[] {
  return [token, login?.password].filter((text) => text !== undefined);
}

function keptHeaders(response: Response): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) kept[name] = value;
  }
  return kept;
}

function endOfTime(deadline: Deadline): Fault {
  const reason: unknown = deadline.signal.reason;
  return reason instanceof DeadlineExceeded
    ? fault('deadline', 'timeout', reason.message)
    : fault('abort', 'aborted', 'stopped by the caller');
}
