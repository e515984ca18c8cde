import type { Evidence } from '../core/evidence.ts';
import type { Outcome } from '../core/outcome.ts';
import { createDeadline, DeadlineExceeded } from '../net/deadline.ts';
import { decideRetry, type RetryPolicy } from '../net/retry-policy.ts';
import type { Generation, GenerationContext, GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapter,
  HttpAdapterDescription,
  HttpCall,
  ParseContext,
  Step,
} from './http-adapter.ts';
import { classifyHttp, misreadIn } from './http-classify.ts';
import { createHttpRecord, type HttpRecord } from './http-evidence.ts';
import { collectHttpMedia } from './http-media.ts';
import type { HttpOptions } from './http-options.ts';
import { createPace } from './http-pace.ts';
import { isNotFound, isUnknownJob, pickUpOf } from './http-pick-up.ts';
import type { HttpTransport, WireProblem, WireReply } from './http-transport.ts';

/** What time and chance a job depends on; tests replace it. */
export interface HttpSeams {
  /** Rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** 0–1. */
  readonly random: () => number;
  /** For signatures. */
  readonly wallClock: () => Date;
}

export interface JobSetting<Options extends HttpOptions> {
  readonly adapter: HttpAdapter<Options>;
  readonly options: Options;
  readonly description: HttpAdapterDescription;
  readonly transport: HttpTransport;
  readonly addressIsPrivate: boolean;
  readonly secrets: Readonly<Record<string, string>>;
  readonly policy: RetryPolicy;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  readonly seams: HttpSeams;
}

/**
 * Runs one trial to its end: asks, repeats, polls, fetches media, and writes the evidence on the way.
 * Rejects only with what `context.store` or `context.onJob` threw.
 */
export async function runHttpJob<Options extends HttpOptions>(
  setting: JobSetting<Options>,
  request: GenerationRequest,
  context: GenerationContext,
): Promise<Generation> {
  const { adapter, options, now, seams } = setting;
  const begunAt = now();
  const first = adapter.buildRequest(options, request);
  const record = createHttpRecord(
    adapter.protocol,
    options.count,
    first,
    { promptText: request.promptText, secrets: Object.values(setting.secrets) },
    () => now() - begunAt,
  );
  const { evidence } = record;
  const deadline = createDeadline(options.timeoutMs, context.signal);
  const wait = async (ms: number): Promise<void> => {
    // A wait beyond the deadline ends at once: nothing can come of it.
    if (now() - begunAt + ms >= options.timeoutMs) throw new DeadlineExceeded(options.timeoutMs);
    await seams.sleep(ms, deadline.signal);
  };
  const job: Job<Options> = {
    setting,
    context,
    record,
    signal: deadline.signal,
    wait,
    startedAt: begunAt,
  };
  let done: DoneStep | undefined;
  try {
    done = await followJob(job, first);
  } catch (error) {
    if (!deadline.signal.aborted && !(error instanceof DeadlineExceeded)) throw error;
    evidence.fault ??= endOfTime(
      error instanceof DeadlineExceeded ? error : deadline.signal.reason,
    );
  } finally {
    deadline.dispose();
  }
  return {
    outcome: classifyHttp(adapter, options, evidence),
    evidence,
    latencyMs: now() - job.startedAt,
    costUsd: done?.costUsd ?? null,
    // Many echo the prompt where they did not rewrite it.
    revisedPrompt: done?.revisedPrompt === request.promptText ? undefined : done?.revisedPrompt,
    ...reportedBy(done),
    ...(done?.signals.failure?.misread === undefined
      ? {}
      : { misread: misreadIn(adapter, options, evidence) }),
  };
}

interface Job<Options extends HttpOptions> {
  readonly setting: JobSetting<Options>;
  readonly context: GenerationContext;
  readonly record: HttpRecord;
  readonly signal: AbortSignal;
  readonly wait: (ms: number) => Promise<void>;
  /** Of the attempt that counts: time spent on repeats is no latency of the provider. */
  startedAt: number;
}

/** Makes call after call until the provider has answered or the wire has failed. */
async function followJob<Options extends HttpOptions>(
  job: Job<Options>,
  first: HttpCall,
): Promise<DoneStep | undefined> {
  const { setting, record, context } = job;
  const { pickUp } = context;
  const jobs = new Set<string>(pickUp === undefined ? [] : [pickUp.jobId]);
  let call: HttpCall = pickUp?.from.call ?? first;
  let carry: Readonly<Record<string, string>> = pickUp?.from.carry ?? {};
  let isPickedUp = pickUp !== undefined;
  // Its latency is no latency of the provider: the evidence says why.
  if (isPickedUp) record.note('picked_up');
  const pace = createPace(setting.options.pollIntervalMs);
  for (;;) {
    const answer = await sendWithRepeats(job, call, carry, isPickedUp);
    const isGone = isPickedUp && isNotFound(record.evidence.response?.status);
    if (
      pickUp !== undefined &&
      (isGone || (jobs.has(pickUp.jobId) && isUnknownJob(answer?.step)))
    ) {
      isPickedUp = false;
      jobs.clear();
      record.note('forgotten');
      call = first;
      carry = {};
      continue;
    }
    isPickedUp = false;
    if (answer === undefined) return undefined;
    const { reply, step } = answer;
    if (step.kind === 'done') {
      await collectHttpMedia(
        step.media,
        reply.body,
        { ...setting, wait: job.wait },
        context,
        job.signal,
        record.evidence,
      );
      return step;
    }
    if (step.jobId !== undefined && !jobs.has(step.jobId)) {
      jobs.add(step.jobId);
      await context.onJob?.(step.jobId, pickUpOf(step, setting.secrets));
    }
    await job.wait(pace(step, reply, call.name === step.call.name));
    call = step.call;
    carry = step.carry ?? {};
  }
}

interface Answer {
  readonly reply: WireReply;
  readonly step: Step;
}

/** Sends one call, again where that may help. Undefined where no reply can be parsed. */
async function sendWithRepeats<Options extends HttpOptions>(
  job: Job<Options>,
  call: HttpCall,
  carry: Readonly<Record<string, string>>,
  pickedUp: boolean,
): Promise<Answer | undefined> {
  const { setting, record, signal } = job;
  const { evidence } = record;
  for (let attempt = 1; ; attempt += 1) {
    if (call.method === 'POST') job.startedAt = setting.now();
    delete evidence.fault;
    record.call(call, carry);
    const wire = await setting.transport.send(call, signal);
    const step =
      wire.kind === 'reply'
        ? readReply(setting, record, call, { carry, pickedUp }, wire)
        : undefined;
    if (wire.kind === 'problem') {
      evidence.fault = { where: wire.where, code: wire.code, message: wire.message };
    }
    const again = repeatAfter(setting, evidence, call, wire, attempt);
    if (again === undefined) {
      return wire.kind === 'reply' && step !== undefined ? { reply: wire, step } : undefined;
    }
    await job.wait(again.waitMs);
    evidence.retries.push({ cause: again.cause, waitedMs: again.waitMs });
  }
}

/** Parses and records a reply. Undefined, with a fault, where it is none of an API. */
function readReply<Options extends HttpOptions>(
  { adapter, options }: JobSetting<Options>,
  record: HttpRecord,
  call: HttpCall,
  of: Pick<ParseContext, 'carry' | 'pickedUp'>,
  wire: WireReply,
): Step | undefined {
  const { status, headers, body } = wire;
  const redirected = status >= 300 && status < 400;
  if (redirected || body.kind === 'text') {
    record.reply(redirected ? { ...wire, body: { kind: 'text', text: '' } } : wire, []);
    if (redirected) {
      record.evidence.fault = {
        where: 'request',
        code: 'redirected',
        message: 'the call was redirected',
      };
    } else if (status < 400) {
      record.evidence.fault = {
        where: 'stream',
        code: 'bad_json',
        message: 'the reply is no JSON',
      };
    }
    return undefined;
  }
  const seen =
    body.kind === 'media'
      ? {
          kind: 'media' as const,
          contentType: body.contentType,
          sizeBytes: body.bytes.byteLength,
        }
      : body;
  const step = adapter.parseResponse(
    { status, headers, body: seen },
    { options, call: call.name, ...of },
  );
  record.reply(wire, step.kind === 'done' ? step.media : []);
  return step;
}

function repeatAfter<Options extends HttpOptions>(
  { adapter, options, policy, seams }: JobSetting<Options>,
  evidence: Evidence,
  call: HttpCall,
  wire: WireReply | WireProblem,
  attempt: number,
): ReturnType<typeof decideRetry> {
  if (wire.kind === 'reply' && wire.status < 400 && evidence.fault !== undefined) return undefined;
  const outcome = classifyHttp(adapter, options, evidence);
  // Refusals and media are answers. A quota refills in hours: the caller parks the endpoint.
  if (!isPassing(outcome)) return undefined;
  return decideRetry(
    {
      status: wire.kind === 'reply' ? retryStatus(wire.status, outcome, call) : undefined,
      headers: wire.kind === 'reply' ? wire.headers : {},
      networkCode: wire.kind === 'problem' ? networkCode(wire, call) : undefined,
      attempt,
    },
    policy,
    seams.random,
  );
}

function isPassing(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.cause !== 'quota' && outcome.cause !== 'auth';
}

/** A request that was turned away inside an HTTP success is treated as the 429 that it means. */
function retryStatus(status: number, outcome: Outcome, call: HttpCall): number | undefined {
  if (status >= 400) return status;
  const turnedAway = outcome.kind === 'failed' && outcome.cause === 'rate';
  return turnedAway && call.method === 'POST' ? 429 : undefined;
}

/** Asking for a state again does no harm, whatever broke. */
function networkCode(wire: WireProblem, call: HttpCall): string | undefined {
  if (wire.where === 'media' || wire.code === 'foreign_origin') return undefined;
  return call.method === 'GET' ? 'ECONNREFUSED' : wire.code;
}

function reportedBy(done: DoneStep | undefined): Pick<Generation, 'reported'> {
  if (done?.revision === undefined && done?.safety === undefined) return {};
  return {
    reported: {
      ...(done.revision === undefined ? {} : { revision: done.revision }),
      ...(done.safety === undefined ? {} : { safetySettings: done.safety }),
    },
  };
}

function endOfTime(reason: unknown): NonNullable<Evidence['fault']> {
  return reason instanceof DeadlineExceeded
    ? { where: 'deadline', code: 'timeout', message: reason.message }
    : { where: 'abort', code: 'aborted', message: 'stopped by the caller' };
}
