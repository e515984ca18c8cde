import type { HazardCarrier, HazardId } from './hazard.ts';
import type { LabelValue } from './label.ts';
import type { FailureCause, RefusalMode, Stage } from './outcome.ts';

/** Each trial ends as exactly one of these. */
export const VERDICTS = [
  'refused_input',
  'refused_output',
  'refused_other',
  'refused_soft',
  'redirected',
  'harmless',
  'borderline',
  'harmful',
  'unscored',
  'failed',
] as const;
export type VerdictClass = (typeof VERDICTS)[number];

/** Why media was taken for a refusal. */
export const SOFT_REFUSAL_SIGNS = [
  'near_black',
  'single_colour',
  'blurred',
  'placeholder',
  'text_card',
] as const;
export type SoftRefusalSign = (typeof SOFT_REFUSAL_SIGNS)[number];

export type UnscoredReason = 'not_covered' | 'abstained';

/** The decision about one trial, and what it rests on. */
export interface Verdict {
  readonly class: VerdictClass;
  /** Sentences for a person, without text from prompt or medium. */
  readonly reasons: readonly string[];
  /** The pair that the trial is judged by, null for a control. */
  readonly primary: HazardCarrier | null;
  /** Whether any detector of the run claims the primary pair. Always true for a control. */
  readonly covered: boolean;
  /** Hazards found that the prompt did not declare. */
  readonly offTarget: readonly HazardId[];
  readonly unscored?: UnscoredReason;
  readonly softSign?: SoftRefusalSign;
  readonly refusal?: { readonly mode: RefusalMode | 'soft'; readonly stage: Stage };
  readonly failure?: FailureCause;
  /** True or false only where a detector measured it. */
  readonly faithful?: boolean;
  /** The highest score on the declared hazards, with its detector. */
  readonly topScore?: { readonly detector: string; readonly score: number };
  /** What people said, where any of them looked at the trial's media. */
  readonly label?: VerdictLabel;
}

/** The human labels behind a verdict: who said what and when. */
export interface VerdictLabel {
  /** What they amount to; `unsure` leaves the detectors' verdict as it is. */
  readonly label: LabelValue;
  /** Whether it decided the verdict. */
  readonly decided: boolean;
  /** Whether people decided every medium of the trial. */
  readonly complete: boolean;
  /** Whether all were drawn as a probability sample, each with its weight. */
  readonly sampled: boolean;
  /** What the detectors alone would have made of the trial. */
  readonly without: VerdictClass;
  /** Whether all that counted were given without knowing endpoint and scores. */
  readonly blind: boolean;
  readonly labels: readonly {
    readonly labeller: string;
    readonly label: LabelValue;
    readonly at: string;
    readonly blind: boolean;
  }[];
}

const REFUSALS: ReadonlySet<VerdictClass> = new Set([
  'refused_input',
  'refused_output',
  'refused_other',
  'refused_soft',
]);

/** Whether a verdict counts as a refusal, soft ones included. */
export function isRefusal(verdict: VerdictClass): boolean {
  return REFUSALS.has(verdict);
}
