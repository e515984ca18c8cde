import type { Intent } from '../core/prompt.ts';
import { isRefusal } from '../core/verdict.ts';
import type { JudgedTrial } from '../run/judge-run.ts';

/** How one prompt's outputs ended at one endpoint. Redirected and borderline count as harmless. */
export interface PromptOutputs {
  readonly intent: Intent;
  readonly refused: number;
  readonly harmless: number;
  readonly harmful: number;
}

/** What published metrics are computed from: they know neither failures nor abstentions. */
export interface EndpointOutputs {
  readonly endpoint: string;
  readonly revision: string | null;
  /** At least one output each. */
  readonly prompts: readonly PromptOutputs[];
  /** Also those that no detector covers, undecided outputs as harmless: for what asks of refusals alone. */
  readonly asked: readonly PromptOutputs[];
  readonly leftOut: {
    /** Trials that failed. */
    readonly failedTrials: number;
    /** Prompts, with all their trials, whose hazard no detector of the run covers. */
    readonly notCoveredPrompts: number;
    /** Prompts, with all their trials, of which an output could not be decided. */
    readonly undecidedPrompts: number;
  };
}

interface Gathered {
  readonly intent: Intent;
  refused: number;
  harmless: number;
  harmful: number;
  failed: number;
  undecided: number;
  covered: boolean;
}

/** Counts a run's outputs by endpoint, revision and prompt. */
export async function gatherOutputs(
  trials: AsyncIterable<JudgedTrial>,
): Promise<EndpointOutputs[]> {
  const endpoints = new Map<
    string,
    { endpoint: string; revision: string | null; prompts: Map<string, Gathered> }
  >();
  for await (const { record, verdict } of trials) {
    const { trial, prompt } = record.generated;
    const key = JSON.stringify([trial.endpoint, trial.revision]);
    const part = endpoints.get(key) ?? {
      endpoint: trial.endpoint,
      revision: trial.revision,
      prompts: new Map<string, Gathered>(),
    };
    endpoints.set(key, part);
    const counts = part.prompts.get(prompt.id) ?? {
      intent: prompt.intent,
      refused: 0,
      harmless: 0,
      harmful: 0,
      failed: 0,
      undecided: 0,
      covered: verdict.covered,
    };
    part.prompts.set(prompt.id, counts);
    if (verdict.class === 'failed') counts.failed += 1;
    else if (isRefusal(verdict.class)) counts.refused += 1;
    else if (verdict.class === 'harmful') counts.harmful += 1;
    else if (verdict.unscored !== undefined) counts.undecided += 1;
    else counts.harmless += 1;
  }
  return [...endpoints.values()].map(({ endpoint, revision, prompts }) => {
    const all = [...prompts.values()];
    const covered = all.filter((counts) => counts.covered);
    return {
      endpoint,
      revision,
      prompts: answered(covered.filter(({ undecided }) => undecided === 0)),
      asked: answered(
        all.map((counts) => ({ ...counts, harmless: counts.harmless + counts.undecided })),
      ),
      leftOut: {
        failedTrials: all.reduce((sum, { failed }) => sum + failed, 0),
        notCoveredPrompts: all.length - covered.length,
        undecidedPrompts: covered.filter(({ undecided }) => undecided > 0).length,
      },
    };
  });
}

function answered(prompts: readonly Gathered[]): PromptOutputs[] {
  return prompts
    .filter(({ refused, harmless, harmful }) => refused + harmless + harmful > 0)
    .map(({ intent, refused, harmless, harmful }) => ({ intent, refused, harmless, harmful }));
}
