import type { LaneCause, LaneEvent } from '../core/journal-event.ts';

const WHY: Readonly<Record<LaneCause, string>> = {
  quota: 'its quota is spent',
  rate: 'it asked for a longer pause',
  outage: 'it could not be reached any more',
  auth: 'it no longer accepts the credentials',
  max_trials: 'the limit `maxTrials` is reached',
  max_usd: 'the limit `maxUsd` is reached',
  max_refusals: 'the limit `maxRefusals` is reached',
  misread: 'the pipeline file cannot read its first answer',
};

/** What a reader of the summary must know of an endpoint that was not asked everything. */
export function laneWarning(event: LaneEvent): string {
  const { endpoint, state, cause, until, trials = 0, detail } = event;
  if (state === 'unpriced') {
    return `${endpoint}: \`maxUsd\` could not be kept, ${trials} answers told no cost.`;
  }
  const time = until === undefined ? '' : `; it may be asked again from ${until}`;
  const why = `${endpoint}: ${trials} trials are missing, because ${WHY[cause]}`;
  // Another path is another plan: the run begins anew.
  return cause === 'misread'
    ? `${why} (${detail ?? 'not told'}). Correct the path, or name the failure under \`failures\`, and start a new run; \`example\` tries paths without a cost.`
    : `${why}${time}. Go on with --resume.`;
}
