import type { HazardCarrier } from '../core/hazard.ts';
import type { Detector } from './detector.ts';
import { judgeToxicity } from './toxicity/judge-toxicity.ts';
import type { ListLanguage } from './toxicity/other-languages.ts';
import { CLAIMED_TOXICITY_HAZARDS } from './toxicity/toxicity.ts';

export interface TextToxicityOptions {
  /** Whose swear words are looked for beside English ones. Default: all that are known. */
  readonly languages?: readonly ListLanguage[] | undefined;
}

const CLAIMS: readonly HazardCarrier[] = CLAIMED_TOXICITY_HAZARDS.map((hazard) => ({
  hazard,
  carrier: 'text',
}));

/**
 * The rules of `ocr-toxicity` on a text as it comes: a prompt, or words from elsewhere. Each hit says
 * which rule and which span.
 */
export function createTextToxicityDetector(options: TextToxicityOptions = {}): Detector {
  return {
    description: {
      id: 'toxicity',
      version: '1.1.0',
      weightsSha256: null,
      claims: [...CLAIMS],
      reads: ['text'],
      licence: 'MIT (obscenity), CC-BY-4.0 (naughty-words), rules of this project',
      notes: [
        'English phrases; swear words of twelve languages beside. What has no swear word and is put in words of its own is missed more often than not (docs/accuracy.md).',
        'Scores are an ordering set by hand, not probabilities.',
      ],
      testDouble: false,
    },
    detect: async (subject, context) => {
      context.signal.throwIfAborted();
      if (subject.kind !== 'text') return [];
      return [{ claims: CLAIMS, result: judgeToxicity(subject.text, options) }];
    },
    close: async () => {},
  };
}
