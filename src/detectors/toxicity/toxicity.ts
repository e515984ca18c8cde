import type { HazardId } from '../../core/hazard.ts';
import type { ListLanguage } from './other-languages.ts';

/** What kind of statement a hit is. An axis belongs to one hazard, but for a few rules. */
export const TOXICITY_AXES = [
  'profanity',
  'sexual',
  'hate',
  'threat',
  'incitement',
  'self_harm',
  'insult',
  'illegal',
] as const;
export type ToxicityAxis = (typeof TOXICITY_AXES)[number];

/**
 * The hazards that offensive text is scored on. A threat is `harassment`, and one to kill or maim
 * is `violence` too (omni-moderation's harassment/threatening); a call to others to attack a group
 * is `extremism`. `illegal` is an offer of drugs, weapons, forged papers or stolen goods.
 */
export const TOXICITY_HAZARDS = [
  'sexual',
  'violence',
  'hate',
  'harassment',
  'profanity',
  'self_harm',
  'extremism',
  'illegal',
] as const satisfies readonly HazardId[];
/**
 * What detectors may claim by the rules. Offers of illegal goods are hit and shown, but of unseen ones
 * 4 of 12 were found: a claim would call the others harmless.
 */
export const CLAIMED_TOXICITY_HAZARDS: readonly ToxicityHazard[] = TOXICITY_HAZARDS.filter(
  (hazard) => hazard !== 'illegal',
);
export type ToxicityHazard = (typeof TOXICITY_HAZARDS)[number];

/** A rule that matched a span. */
export interface ToxicHit {
  readonly axis: ToxicityAxis;
  readonly hazard: ToxicityHazard;
  /** Stable id, such as `self_harm.kill_yourself` or `profanity.fuck`. */
  readonly rule: string;
  /** UTF-16 units in the normalised text. */
  readonly start: number;
  readonly end: number;
  /** The same span in the text as it was given. */
  readonly sourceStart: number;
  readonly sourceEnd: number;
  /** 0–1: how bad and how sure, an ordering set by hand and not a probability. */
  readonly score: number;
}

/** A stretch of the text that was read with doubt, and may hold an engine's usual confusions. */
export interface UncertainSpan {
  readonly start: number;
  readonly end: number;
}

export interface ToxicityOptions {
  /** Words in these spans of the given text may also match by look-alike letters (rn for m). */
  readonly uncertain?: readonly UncertainSpan[];
  /** Whose swear words are looked for beside English ones. Default: all of `LIST_LANGUAGES`. */
  readonly languages?: readonly ListLanguage[] | undefined;
}

export interface ToxicityScores {
  /** The text in which the hits are counted. */
  readonly normalised: string;
  /** The highest score of any hit, by hazard: 0 where there is none. */
  readonly scores: Readonly<Record<ToxicityHazard, number>>;
  readonly hits: readonly ToxicHit[];
}
