import type { Evidence } from '../core/evidence.ts';
import type { FailureCause, Outcome } from '../core/outcome.ts';
import { delayInText, type HeaderMap, retryAfterMs } from '../net/retry-timing.ts';
import { codesIn, failureCauseOf, policyStageOf, raisedSafetyFlag } from './outcome-codes.ts';
import { matchFailureText, matchPolicyText, matchRefusalWords } from './outcome-texts.ts';

/**
 * What an adapter reads out of its own protocol's evidence. All texts are redacted already, so that
 * no word of the prompt can be taken for a word of the provider.
 */
export interface OutcomeSignals {
  /** Structured parts of the answer, in which codes and safety flags are looked for. */
  readonly structures: readonly unknown[];
  /** HTTP status and headers of the answer that decided, where they are not a success. */
  readonly status: number | undefined;
  readonly headers: HeaderMap;
  /** Words of an error. */
  readonly errorTexts: readonly string[];
  /** Words that came in place of media, or in warnings beside it. */
  readonly warningTexts: readonly string[];
  /** Whether the provider ended the job itself: with a result, with an error, or not at all. */
  readonly ended: 'complete' | 'error' | 'no';
}

/**
 * Decides an outcome. The order: a policy code or safety flag; a structured status; words of quota,
 * rate and cold start; words of policy; empty media with a warning; media; and what is left is a
 * failure. An error that matches nothing is `failed/unknown`.
 */
export function judgeOutcome(signals: OutcomeSignals, evidence: Evidence): Outcome {
  return (
    byPolicyCode(signals) ??
    byStatus(signals) ??
    byErrorTexts(signals) ??
    byWarnings(signals, evidence) ??
    byMedia(signals, evidence) ??
    byFault(evidence) ??
    byRemains(signals)
  );
}

function byPolicyCode({ structures }: OutcomeSignals): Outcome | undefined {
  for (const code of structures.flatMap(codesIn)) {
    const stage = policyStageOf(code);
    if (stage !== undefined) return { kind: 'refused', mode: 'hard', stage, signal: code };
  }
  for (const structure of structures) {
    const flag = raisedSafetyFlag(structure);
    if (flag !== undefined) {
      return { kind: 'refused', mode: 'flagged', stage: 'output_filter', signal: flag };
    }
  }
  return undefined;
}

/** Statuses whose meaning does not depend on words; the others wait for the texts. */
const STATUS_CAUSES: ReadonlyMap<number, FailureCause> = new Map([
  [401, 'auth'],
  [402, 'quota'],
  [407, 'auth'],
  [408, 'timeout'],
  [429, 'rate'],
  [502, 'cold'],
  [503, 'cold'],
  [504, 'timeout'],
]);

function byStatus(signals: OutcomeSignals): Outcome | undefined {
  for (const code of signals.structures.flatMap(codesIn)) {
    const cause = failureCauseOf(code);
    if (cause !== undefined) return failed(cause, `code ${code}`, signals);
  }
  if (signals.status === undefined) return undefined;
  const cause = STATUS_CAUSES.get(signals.status);
  if (cause === undefined) return undefined;
  // Words make it more exact: a 429 can be a daily quota, a 503 a full queue.
  const text = matchFailureText(signals.errorTexts);
  const exact = text !== undefined && isLoadCause(text.cause) ? text.cause : cause;
  return failed(exact, `HTTP status ${signals.status}`, signals);
}

function isLoadCause(cause: FailureCause): boolean {
  return cause === 'quota' || cause === 'rate' || cause === 'cold';
}

function byErrorTexts(signals: OutcomeSignals): Outcome | undefined {
  const failure = matchFailureText(signals.errorTexts);
  if (failure !== undefined) return failed(failure.cause, `text ${failure.id}`, signals);
  const policy = matchPolicyText(signals.errorTexts);
  return policy === undefined ? undefined : refusedInWords(policy);
}

function byWarnings(signals: OutcomeSignals, evidence: Evidence): Outcome | undefined {
  // A job that did not end may still have been going to answer: its warnings prove nothing.
  if (evidence.media.length > 0 || evidence.fault !== undefined || signals.ended === 'no') {
    return undefined;
  }
  const failure = matchFailureText(signals.warningTexts);
  if (failure !== undefined) return failed(failure.cause, `text ${failure.id}`, signals);
  const policy = matchRefusalWords(signals.warningTexts);
  return policy === undefined ? undefined : refusedInWords(policy);
}

function refusedInWords(policy: {
  readonly id: string;
  readonly stage: 'prompt_filter' | 'model' | 'output_filter' | 'unknown';
}): Outcome {
  return { kind: 'refused', mode: 'text', stage: policy.stage, signal: policy.id };
}

function byMedia(signals: OutcomeSignals, evidence: Evidence): Outcome | undefined {
  if (evidence.media.length === 0 || signals.ended !== 'complete') return undefined;
  return {
    kind: 'media',
    media: evidence.media,
    requested: evidence.requested,
    withheld: Math.max(0, evidence.requested - evidence.media.length),
  };
}

function byFault(evidence: Evidence): Outcome | undefined {
  const { fault } = evidence;
  if (fault === undefined) return undefined;
  const detail = `${fault.where}: ${fault.code}`;
  return { kind: 'failed', cause: faultCause(fault.where, fault.code), detail };
}

type Fault = NonNullable<Evidence['fault']>;

/** Faults whose code says more than the place where they happened. */
const FAULT_CAUSES: ReadonlyMap<string, FailureCause> = new Map([
  // The peer broke the protocol, as opposed to a line that broke.
  ['bad_json', 'protocol'],
  ['bad_message', 'protocol'],
  ['unknown_message', 'protocol'],
  ['ended_early', 'protocol'],
  ['session_lost', 'protocol'],
  ['redirected', 'protocol'],
  ['foreign_origin', 'protocol'],
  ['client_error', 'protocol'],
  ['gradio_not_gradio', 'protocol'],
  ['gradio_legacy', 'protocol'],
  ['gradio_foreign_root', 'protocol'],
  ['gradio_redirected', 'protocol'],
  // The app changed under the run, or was never as the pipeline says.
  ['gradio_unknown_api', 'bad_request'],
  ['gradio_api_ambiguous', 'bad_request'],
  ['gradio_unknown_parameter', 'bad_request'],
  ['gradio_missing_parameter', 'bad_request'],
  ['gradio_bad_parameter', 'bad_request'],
  ['gradio_positional_length', 'bad_request'],
  ['gradio_no_prompt_parameter', 'bad_request'],
  ['endpoint_unauthorized', 'auth'],
  ['space_not_found', 'bad_request'],
  ['space_not_running', 'cold'],
]);

function faultCause(where: Fault['where'], code: string): FailureCause {
  switch (where) {
    case 'deadline':
      return 'timeout';
    case 'media':
      if (code === 'network') return 'network';
      return code === 'timeout' ? 'timeout' : 'media_rejected';
    case 'abort':
      return 'unknown';
    case 'connect':
    case 'request':
    case 'stream':
      return FAULT_CAUSES.get(code) ?? 'network';
  }
}

function byRemains(signals: OutcomeSignals): Outcome {
  const { status } = signals;
  if (status === 403) return failed('auth', 'HTTP status 403', signals);
  if (status !== undefined && status >= 400 && status < 500) {
    return failed('bad_request', `HTTP status ${status}`, signals);
  }
  if (status !== undefined) return failed('unknown', `HTTP status ${status}`, signals);
  switch (signals.ended) {
    case 'complete':
      return failed('no_media', 'a finished answer without media', signals);
    case 'error':
      return failed('unknown', 'an error that says nothing known', signals);
    case 'no':
      return failed('protocol', 'the answer ended without a result', signals);
  }
}

function failed(cause: FailureCause, detail: string, signals: OutcomeSignals): Outcome {
  const retryMs = isLoadCause(cause) ? waitAsked(signals) : undefined;
  return {
    kind: 'failed',
    cause,
    detail,
    ...(retryMs === undefined ? {} : { retryAfterMs: retryMs }),
  };
}

function waitAsked({ headers, errorTexts }: OutcomeSignals): number | undefined {
  const asked = retryAfterMs(headers);
  if (asked !== undefined) return asked;
  return errorTexts.map(delayInText).find((ms) => ms !== undefined);
}
