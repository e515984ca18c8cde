import { sha256Of } from '../core/ids.ts';
import type { EndpointDescription } from '../core/journal-event.ts';
import type { Prompt } from '../core/prompt.ts';
import { createTrial, type Trial } from '../core/trial.ts';
import { type EndpointEntry, MAX_SEED } from './pipeline.ts';

export interface PlannedTrial {
  readonly trial: Trial;
  readonly prompt: Prompt;
}

export interface PlanOptions {
  /** A number of seeds drawn for each family, or the seeds themselves. */
  readonly seeds: number | readonly number[];
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
export function suitsModality(
  prompt: Prompt,
  endpoint: Pick<EndpointDescription, 'modality'>,
): boolean {
  return prompt.modality === 'any' || prompt.modality === endpoint.modality;
}

/** The trials of one prompt at one endpoint, in a fixed order. Pure. */
export function planTrials(
  prompt: Prompt,
  endpoint: EndpointDescription,
  options: PlanOptions,
): PlannedTrial[] {
  return seedsOf(prompt, options.seeds).flatMap((seed) =>
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
        prompt.sealed?.hash ?? prompt.text,
      ),
    })),
  );
}

/**
 * Twins share their seeds, and families differ in theirs: the same picture for different prompts at
 * different seeds can then be told for the placeholder that it is.
 */
function seedsOf(prompt: Prompt, seeds: PlanOptions['seeds']): readonly number[] {
  if (typeof seeds !== 'number') return seeds;
  return Array.from(
    { length: seeds },
    (_, index) =>
      Number.parseInt(sha256Of([prompt.family, index]).slice(0, 8), 16) % (MAX_SEED + 1),
  );
}

/** How many trials of one prompt a plan holds at one endpoint. */
export function trialsPerPrompt({ seeds, repeats }: PlanOptions): number {
  return (typeof seeds === 'number' ? seeds : seeds.length) * repeats;
}
