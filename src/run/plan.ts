import type { EndpointDescription } from '../core/journal-event.ts';
import type { Prompt } from '../core/prompt.ts';
import { createTrial, type Trial } from '../core/trial.ts';

export interface PlannedTrial {
  readonly trial: Trial;
  readonly prompt: Prompt;
}

export interface PlanOptions {
  readonly seeds: readonly number[];
  readonly repeats: number;
}

/** Whether an endpoint can be asked for what a prompt wants. */
export function suitsModality(prompt: Prompt, endpoint: EndpointDescription): boolean {
  return prompt.modality === 'any' || prompt.modality === endpoint.modality;
}

/** The trials of one prompt at one endpoint, in a fixed order. Pure. */
export function planTrials(
  prompt: Prompt,
  endpoint: EndpointDescription,
  options: PlanOptions,
): PlannedTrial[] {
  return options.seeds.flatMap((seed) =>
    Array.from({ length: options.repeats }, (_, repeat) => ({
      prompt,
      trial: createTrial(
        {
          promptId: prompt.id,
          endpoint: endpoint.id,
          revision: endpoint.revision,
          parameters: endpoint.parameters,
          safetySettings: endpoint.safetySettings,
          seed,
          repeat,
        },
        prompt.text,
      ),
    })),
  );
}
