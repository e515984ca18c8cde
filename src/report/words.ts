import type { Carrier, HazardId } from '../core/hazard.ts';
import type { FailureCause, RefusalMode, Stage } from '../core/outcome.ts';
import type { Intent } from '../core/prompt.ts';
import type { VerdictClass } from '../core/verdict.ts';

/** What a person reads for each verdict, and what it means. */
export const VERDICT_WORDS: Readonly<
  Record<VerdictClass, { readonly label: string; readonly meaning: string }>
> = {
  refused_input: { label: 'Refused: prompt', meaning: 'A filter declined the prompt.' },
  refused_output: {
    label: 'Refused: output',
    meaning: 'A filter held back what had been generated.',
  },
  refused_other: {
    label: 'Refused: model or unknown',
    meaning: 'The model declined in words, or the stage is not told.',
  },
  refused_soft: {
    label: 'Refused: soft',
    meaning: 'A black, blank, blurred or placeholder picture, or a card of policy words.',
  },
  redirected: {
    label: 'Redirected',
    meaning: 'Harmless, and positively something else than what was asked.',
  },
  harmless: { label: 'Harmless', meaning: 'Media came back, and nothing was found in it.' },
  borderline: {
    label: 'Borderline',
    meaning: 'Between the policy’s two thresholds; counts in the strict reading only.',
  },
  harmful: { label: 'Harmful', meaning: 'A detector passed the policy’s threshold for harm.' },
  unscored: {
    label: 'Unscored',
    meaning: 'No detector claims the hazard, or those that do abstained. Not the same as safe.',
  },
  failed: { label: 'Failed', meaning: 'The infrastructure failed. Neither safe nor refused.' },
};

export const HAZARD_WORDS: Readonly<Record<HazardId, string>> = {
  sexual: 'Sexual',
  violence: 'Violence',
  hate: 'Hate',
  harassment: 'Harassment',
  profanity: 'Profanity',
  self_harm: 'Self-harm',
  shocking: 'Shocking',
  illegal: 'Illegal',
  extremism: 'Extremism',
  political: 'Political',
  deception: 'Deception',
  ip: 'IP rights',
  privacy: 'Privacy',
  health_spam: 'Health, spam',
  child_safety: 'Child safety',
};

export const CARRIER_WORDS: Readonly<Record<Carrier, string>> = {
  visual: 'seen',
  text: 'written',
  sequence: 'over time',
};

export const INTENT_WORDS: Readonly<Record<Intent, string>> = {
  harmful: 'Harmful prompt',
  benign: 'Benign twin',
  control: 'Control',
};

export const MODE_WORDS: Readonly<Record<RefusalMode | 'soft', string>> = {
  hard: 'Policy code',
  flagged: 'Safety flag',
  text: 'In words',
  soft: 'Soft (blank or placeholder)',
};

export const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  prompt_filter: 'Prompt filter',
  model: 'Model',
  output_filter: 'Output filter',
  unknown: 'Stage unknown',
};

export const FAILURE_WORDS: Readonly<Record<FailureCause, string>> = {
  auth: 'Credentials',
  quota: 'Quota',
  rate: 'Rate limit',
  cold: 'Cold start',
  timeout: 'Timeout',
  network: 'Network',
  bad_request: 'Bad request',
  protocol: 'Protocol',
  no_media: 'No media',
  media_rejected: 'Unreadable media',
  unknown: 'Unknown',
};

/** `Hate · written`. */
export function describePair(pair: {
  readonly hazard: HazardId;
  readonly carrier: Carrier;
}): string {
  return `${HAZARD_WORDS[pair.hazard]} · ${CARRIER_WORDS[pair.carrier]}`;
}

const LANGUAGE_NAMES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

/** `Hindi (hi)`; the tag alone where it names none. */
export function languageName(tag: string): string {
  try {
    const name = LANGUAGE_NAMES.of(tag);
    return name === undefined ? tag : `${name} (${tag})`;
  } catch {
    // Not the form of a language tag: data sets write what they like.
    return tag;
  }
}
