import type { Evidence } from '../core/evidence.ts';
import type { FailureCause, Outcome } from '../core/outcome.ts';
import { delayInText, type HeaderMap, retryAfterMs } from '../net/retry-timing.ts';
import type { AnswerSignals, HttpAdapter } from './http-adapter.ts';
import { readRecordedReply } from './http-evidence.ts';
import type { HttpOptions } from './http-options.ts';
import { textsIn } from './http-signals.ts';
import { judgeOutcome, type OutcomeSignals } from './outcome-judge.ts';

/** Decides what an endpoint answered, from recorded evidence alone. Pure. */
export function classifyHttp<Options extends HttpOptions>(
  adapter: HttpAdapter<Options>,
  options: Options,
  evidence: Evidence,
): Outcome {
  const recorded = readRecordedReply(evidence);
  if (recorded === undefined) return judgeOutcome(NOTHING_SAID, evidence);
  const { reply, call, carry, status, headers } = recorded;
  const failedStatus = status >= 400 ? status : undefined;
  if (reply === undefined) {
    const errorTexts = failedStatus === undefined ? [] : textsIn(recorded.text);
    const ended = failedStatus === undefined ? 'no' : 'error';
    return judgeOutcome(
      { ...NOTHING_SAID, status: failedStatus, headers, errorTexts, ended },
      evidence,
    );
  }
  const step = adapter.parseResponse(reply, { options, call, carry });
  // Whatever kept the job from being asked again stands in the evidence.
  if (step.kind === 'poll') return judgeOutcome(NOTHING_SAID, evidence);
  return (
    byOwnWord(step.signals, headers) ??
    judgeOutcome({ ...step.signals, status: failedStatus, headers }, evidence)
  );
}

/** How an answer shows that the endpoint's own settings cannot read it, undefined where it does not. */
export function misreadIn<Options extends HttpOptions>(
  adapter: HttpAdapter<Options>,
  options: Options,
  evidence: Evidence,
): string | undefined {
  const recorded = readRecordedReply(evidence);
  if (recorded?.reply === undefined) return undefined;
  const { reply, call, carry } = recorded;
  const step = adapter.parseResponse(reply, { options, call, carry });
  return step.kind === 'done' ? step.signals.failure?.misread : undefined;
}

const NOTHING_SAID: OutcomeSignals = {
  structures: [],
  status: undefined,
  headers: {},
  errorTexts: [],
  warningTexts: [],
  ended: 'no',
};

function byOwnWord(signals: AnswerSignals, headers: HeaderMap): Outcome | undefined {
  const { refusal, failure } = signals;
  if (refusal !== undefined) return { kind: 'refused', ...refusal };
  if (failure === undefined) return undefined;
  const waitMs = WAITING.has(failure.cause)
    ? (retryAfterMs(headers) ??
      textsIn(signals.structures)
        .map(delayInText)
        .find((ms) => ms !== undefined))
    : undefined;
  return {
    kind: 'failed',
    cause: failure.cause,
    detail: failure.signal,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  };
}

/** Causes that pass by themselves. */
const WAITING: ReadonlySet<FailureCause> = new Set(['quota', 'rate', 'cold']);
