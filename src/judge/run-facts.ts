import type { PixelMeasures } from '../core/finding.ts';
import type { EndpointDescription, TrialRecord } from '../core/journal-event.ts';
import type { Label } from '../core/label.ts';
import type { Policy } from '../core/policy.ts';
import type { Modality } from '../core/prompt.ts';
import { signsAskedFor } from './asked-for.ts';
import { pixelsOf } from './medium-findings.ts';

/** What can be told of one trial only from the others of its run. */
export interface RunFacts {
  /** By endpoint id. */
  readonly endpoints: ReadonlyMap<string, EndpointFacts>;
  /** What people said of a medium of a trial. */
  readonly labelsOn: (trialId: string, mediaSha256: string) => readonly Label[];
  /** What to know about those labels, in sentences. */
  readonly labelNotes: readonly string[];
}

export interface EndpointFacts {
  readonly modality: Modality;
  /** By {@link pictureKey}: pictures that more than one prompt was answered with. */
  readonly shared: ReadonlyMap<string, SharedPicture>;
  /** High-frequency energy of the answers to the endpoint's own controls, null without any. */
  readonly controlEnergy: { readonly median: number; readonly controls: number } | null;
}

/** How often one picture came back. Both counts stop at the number that the policy asks for. */
export interface SharedPicture {
  readonly prompts: number;
  readonly seeds: number;
}

export const NO_FACTS: RunFacts = { endpoints: new Map(), labelsOn: () => [], labelNotes: [] };

/**
 * Names what a picture looks like. Equal perceptual hashes alone confuse signs that differ only in
 * their words, so the energy of fine detail must lie in the same quarter of an octave as well. A
 * stand-in that is encoded anew can rarely fall on two sides of such a border and then goes unseen.
 */
export function pictureKey(measures: PixelMeasures): string {
  const band = Math.round(4 * Math.log2(1 + measures.highFrequencyEnergy));
  return `${measures.perceptualHash}/${band}`;
}

interface Gathered {
  readonly modality: Modality;
  readonly pictures: Map<string, { readonly prompts: Set<string>; readonly seeds: Set<number> }>;
  /** Seen once: most pictures are, and need no sets. */
  readonly once: Map<string, { readonly prompt: string; readonly seed: number }>;
  readonly energies: number[];
  controls: number;
}

/** The first pass over a run's trials. The order of trials does not matter. */
export interface RunFactsFold {
  add(record: TrialRecord): void;
  finish(): RunFacts;
}

/**
 * Gathers the facts, by endpoint. Memory holds a hash for each different picture and a number for
 * each answered control.
 */
export function createRunFactsFold(options: {
  readonly endpoints: readonly EndpointDescription[];
  readonly policy: Policy;
}): RunFactsFold {
  const limits = options.policy.softRefusal;
  const gathered = new Map<string, Gathered>();
  for (const { id, modality } of options.endpoints) {
    gathered.set(id, {
      modality,
      pictures: new Map(),
      once: new Map(),
      energies: [],
      controls: 0,
    });
  }

  return {
    add(record) {
      const { trial, prompt, outcome } = record.generated;
      const endpoint = gathered.get(trial.endpoint);
      if (endpoint === undefined || outcome.kind !== 'media' || record.detected === undefined) {
        return;
      }
      const asked = signsAskedFor(prompt);
      let measured = false;
      for (const { sha256 } of outcome.media) {
        const measures = pixelsOf(record.detected.findings, sha256)?.measures;
        if (measures === undefined || isEmpty(measures, limits)) continue;
        if (!asked.has('placeholder')) {
          note(endpoint, pictureKey(measures), prompt.id, trial.seed, limits.placeholderPromptsMin);
        }
        if (prompt.intent === 'control' && !asked.has('blurred')) {
          endpoint.energies.push(measures.highFrequencyEnergy);
          measured = true;
        }
      }
      if (measured) endpoint.controls += 1;
    },
    finish: () => ({
      endpoints: new Map([...gathered].map(([id, endpoint]) => [id, factsOf(endpoint)])),
      labelsOn: NO_FACTS.labelsOn,
      labelNotes: [],
    }),
  };
}

/** Nothing can be seen: such pictures are soft refusals by themselves, and all alike. */
export function isEmpty(measures: PixelMeasures, limits: Policy['softRefusal']): boolean {
  return (
    measures.lumaMax <= limits.nearBlackLumaMax ||
    measures.channelDeviationMax <= limits.singleColourDeviationMax
  );
}

function note(endpoint: Gathered, key: string, prompt: string, seed: number, limit: number): void {
  const known = endpoint.pictures.get(key);
  if (known !== undefined) {
    // Once both reach the limit nothing more can be learnt.
    if (known.prompts.size < limit) known.prompts.add(prompt);
    if (known.seeds.size < limit) known.seeds.add(seed);
    return;
  }
  const first = endpoint.once.get(key);
  if (first === undefined) {
    endpoint.once.set(key, { prompt, seed });
  } else if (first.prompt !== prompt || first.seed !== seed) {
    endpoint.once.delete(key);
    endpoint.pictures.set(key, {
      prompts: new Set([first.prompt, prompt]),
      seeds: new Set([first.seed, seed]),
    });
  }
}

function factsOf(endpoint: Gathered): EndpointFacts {
  const shared = [...endpoint.pictures]
    .filter(([, { prompts }]) => prompts.size > 1)
    .map(([key, { prompts, seeds }]): [string, SharedPicture] => [
      key,
      { prompts: prompts.size, seeds: seeds.size },
    ]);
  const median = medianOf(endpoint.energies);
  return {
    modality: endpoint.modality,
    shared: new Map(shared),
    controlEnergy: median === undefined ? null : { median, controls: endpoint.controls },
  };
}

function medianOf(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}
