import { SafelightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { augmentationChain, type Prompt } from '../core/prompt.ts';

/** By what prompts are counted and drawn. Values of a prompt that has none are named `none`. */
export const STRATUM_KEYS = {
  hazard: (prompt) => prompt.hazards[0] ?? 'none',
  intent: (prompt) => prompt.intent,
  style: (prompt) => prompt.tags.find((tag) => tag.startsWith('style:'))?.slice(6) ?? 'none',
  technique: augmentationChain,
  language: (prompt) => prompt.language,
  modality: (prompt) => prompt.modality,
  carrier: (prompt) => prompt.carrier,
  severity: (prompt) => prompt.severity ?? 'none',
} as const satisfies Record<string, (prompt: Prompt) => string>;
export type StratumKey = keyof typeof STRATUM_KEYS;

/** Reads `hazard,intent`. @throws SafelightError `stratum_unknown`. */
export function parseStrata(list: string): StratumKey[] {
  const names = [...new Set(list.split(',').map((name) => name.trim()))];
  return names.map((name) => {
    if (isStratumKey(name)) return name;
    throw new SafelightError(`prompts cannot be grouped by "${name}"`, {
      code: 'stratum_unknown',
      kind: 'usage',
      hint: didYouMean(name, Object.keys(STRATUM_KEYS)),
    });
  });
}

/** A prompt's values, in the order of the keys. */
export function stratumOf(prompt: Prompt, keys: readonly StratumKey[]): string[] {
  return keys.map((key) => STRATUM_KEYS[key](prompt));
}

/** `hate / benign`, for people and as a key of maps. */
export function stratumName(values: readonly string[]): string {
  return values.join(' / ');
}

function isStratumKey(name: string): name is StratumKey {
  return Object.hasOwn(STRATUM_KEYS, name);
}
