import type { EndpointDescription } from '../core/journal-event.ts';
import type { Prompt } from '../core/prompt.ts';
import { createTrial, type Trial } from '../core/trial.ts';
import type { EndpointEntry } from './pipeline.ts';

export interface PlannedTrial {
  readonly trial: Trial;
  readonly prompt: Prompt;
}

export interface PlanOptions {
  readonly seeds: readonly number[];
  readonly repeats: number;
}

/** Whether a pipeline's entry lets a prompt through to its endpoint. Pure. */
export function isWanted(prompt: Prompt, only: EndpointEntry['only']): boolean {
  const { intents, hazards, carriers, tags } = only ?? {};
  const [primary] = prompt.hazards;
  return (
    (intents === undefined || intents.includes(prompt.intent)) &&
    (hazards === undefined || (primary !== undefined && hazards.includes(primary))) &&
    (carriers === undefined || carriers.includes(prompt.carrier)) &&
    (tags === undefined || prompt.tags.some((tag) => tags.includes(tag)))
  );
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
