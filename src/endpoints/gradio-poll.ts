import { SafelightError } from '../core/errors.ts';
import { type Deadline, delay } from '../net/deadline.ts';
import type { Fault } from './gradio-client.ts';
import type { EventRecord } from './gradio-events.ts';
import { chooseFunction } from './gradio-functions.ts';
import type { GradioOptions } from './gradio-options.ts';
import { untouched } from './gradio-parameters.ts';
import { findFiles } from './gradio-results.ts';
import type { GradioConfig, GradioInfo } from './gradio-schema.ts';

/** The second step of an app that answers at once and draws later. */
export interface PollPlan {
  readonly api: string | number;
  /** The same every time: the app finds the job by its session. */
  readonly data: readonly unknown[];
  readonly everyMs: number;
  readonly until: { readonly output: number; readonly equals: unknown } | undefined;
}

/** How a call of one of the app's functions ended. */
export type CallEnd = 'complete' | 'error' | Fault;

/** @throws SafelightError where the function is not there or wants more than the app's defaults. */
export function planPoll(
  info: GradioInfo,
  config: GradioConfig,
  { poll, modality }: Pick<GradioOptions, 'poll' | 'modality'>,
  endpointId: string,
): PollPlan | undefined {
  if (poll === undefined) return undefined;
  const wanted = { api: poll.api, modality };
  const { api, function: found } = chooseFunction(info, config, wanted, endpointId);
  const { until } = poll;
  if (until !== undefined && until.output >= found.returns.length) {
    throw new SafelightError(
      `endpoint "${endpointId}": \`poll.until.output\` is ${until.output}, the function returns ${found.returns.length} values`,
      {
        code: 'gradio_poll_output',
        kind: 'configuration',
        hint: 'Outputs are counted from 0.',
      },
    );
  }
  const data = found.parameters.map((parameter, index) =>
    untouched(parameter, parameter.parameter_name ?? `param_${index}`, endpointId),
  );
  return { api, data, everyMs: poll.everyMs, until };
}

/** What polling needs of a job. */
export interface Polling {
  readonly plan: PollPlan;
  readonly record: EventRecord;
  readonly deadline: Deadline;
  readonly fileUrl: (path: string) => string;
  readonly ask: (api: string | number, data: readonly unknown[]) => Promise<CallEnd>;
  /** Whether the last call only met a server that was busy; asking resets it. */
  readonly wasBusy: () => boolean;
  /** Whether the answer so far is a refusal. */
  readonly refused: () => boolean;
}

/**
 * Asks again and again in the same session until the media is there, the app says no, or the
 * deadline is over. What the app said on the way is dropped, but for its log.
 */
export async function pollUntilReady(polling: Polling): Promise<CallEnd> {
  const { plan, record, deadline } = polling;
  for (;;) {
    // A refusal leaves nothing to wait for.
    if (polling.refused()) return 'complete';
    await delay(plan.everyMs, deadline.signal);
    const before = [...record.events];
    const end = await polling.ask(plan.api, plan.data);
    if (polling.wasBusy()) {
      record.rewind(before);
      continue;
    }
    if (end !== 'complete' || isReady(polling)) return end;
    if (polling.refused()) return end;
    record.rewind(before);
  }
}

function isReady({ plan, record, fileUrl }: Polling): boolean {
  const values = record.values();
  return plan.until === undefined
    ? findFiles(values, fileUrl).length > 0
    : unwrapped(values[plan.until.output]) === plan.until.equals;
}

/** An output that was changed by `gr.update` comes inside of one. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '__type__' in value && 'value' in value
    ? value.value
    : value;
}
