import { COMPOSED_RULES } from './rules-composed.ts';
import { FRAME_RULES } from './rules-frames.ts';
import { HATE_RULES } from './rules-hate.ts';
import { ILLEGAL_RULES } from './rules-illegal.ts';
import { INSULT_RULES } from './rules-insult.ts';
import { SELF_HARM_RULES } from './rules-self-harm.ts';
import { SEXUAL_RULES } from './rules-sexual.ts';
import { THREAT_RULES } from './rules-threat.ts';
import type { ToxicityAxis, ToxicityHazard } from './toxicity.ts';

/** A rule as it is written down. */
export interface ToxicityRule {
  readonly id: string;
  readonly axis: ToxicityAxis;
  /** One hit is made for each. */
  readonly hazards: readonly ToxicityHazard[];
  readonly score: number;
  readonly patterns: readonly string[];
  /** Words that, as the next one, make the phrase harmless: `you are dead tired`. */
  readonly unlessBefore?: string;
  /** Words that, up to three words ahead, make it harmless: `if you want to …`. */
  readonly unlessAfter?: string;
  /** Words that make it harmless wherever in the text they stand: `the history of …`. */
  readonly unlessAnywhere?: string;
  /** The phrase must end its sentence: `migrants out`. */
  readonly endsSentence?: boolean;
  /** Whether a negation shortly before takes the rule back. Default true. */
  readonly negatable?: boolean;
}

export const RULES: readonly ToxicityRule[] = [
  ...HATE_RULES,
  ...THREAT_RULES,
  ...SELF_HARM_RULES,
  ...INSULT_RULES,
  ...SEXUAL_RULES,
  ...ILLEGAL_RULES,
  ...COMPOSED_RULES,
  ...FRAME_RULES,
];
