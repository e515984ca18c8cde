import type { Parameters } from '../core/trial.ts';

const SAFETY_NAME = /safety|nsfw|moderat|content_?filter/i;

/**
 * Parts what decides the media from what steers a filter, by name, and leaves out what is not set.
 * For an adapter's description: whatever a user puts under `parameters` lands in the right half.
 */
export function partSafety(sent: Readonly<Record<string, Parameters[string] | undefined>>): {
  readonly parameters: Parameters;
  readonly safetySettings: Parameters;
} {
  const parameters: Parameters = {};
  const safetySettings: Parameters = {};
  for (const [name, value] of Object.entries(sent)) {
    if (value !== undefined) (SAFETY_NAME.test(name) ? safetySettings : parameters)[name] = value;
  }
  return { parameters, safetySettings };
}
