import { canonicalJson } from '../core/ids.ts';
import type { TrialRecord } from '../core/journal-event.ts';

/** What an endpoint did and told beside its media. */
export interface AnswersOverview {
  readonly trials: number;
  /** Trials whose prompt the provider rewrote. */
  readonly rewritten: number;
  /** Trials that took more than one attempt: repeats shift what comes back. */
  readonly retried: number;
  /** Models and safety settings that answers told of, each once, at most {@link MAX_REPORTED}. */
  readonly reported: readonly string[];
}

const MAX_REPORTED = 6;
const NO_ANSWERS: AnswersOverview = { trials: 0, rewritten: 0, retried: 0, reported: [] };

/** Counts over the trials of a run, by endpoint. */
export function createAnswersFold(): {
  readonly add: (record: TrialRecord) => void;
  readonly of: (endpoint: string) => AnswersOverview;
} {
  const counted = new Map<string, { overview: AnswersOverview; reported: Set<string> }>();
  return {
    add({ generated }) {
      const { endpoint } = generated.trial;
      const entry = counted.get(endpoint) ?? { overview: NO_ANSWERS, reported: new Set<string>() };
      const { overview, reported } = entry;
      const told = generated.reported;
      if (told !== undefined && reported.size < MAX_REPORTED) reported.add(canonicalJson(told));
      entry.overview = {
        trials: overview.trials + 1,
        rewritten: overview.rewritten + (generated.revisedPrompt === undefined ? 0 : 1),
        retried: overview.retried + (generated.evidence.retries.length > 0 ? 1 : 0),
        reported: [],
      };
      counted.set(endpoint, entry);
    },
    of(endpoint) {
      const entry = counted.get(endpoint);
      if (entry === undefined) return NO_ANSWERS;
      return { ...entry.overview, reported: [...entry.reported].sort() };
    },
  };
}
