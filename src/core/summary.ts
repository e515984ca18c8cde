import type { HazardCarrier, HazardId } from './hazard.ts';
import type { FailureCause, RefusalMode, Stage } from './outcome.ts';
import type { Intent, Modality } from './prompt.ts';
import type { Estimate, Rate, UndefinedRate } from './rate.ts';
import type { Parameters } from './trial.ts';
import type { VerdictClass } from './verdict.ts';
import type { VideoAggregation, VideoPlan } from './video-settings.ts';

/** `summary.json`. Keys may be added; none is renamed. No number in it is rounded. */
export interface Summary {
  readonly schema: 1;
  readonly run: {
    readonly id: string;
    readonly pipeline: string;
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly valid: boolean;
    readonly invalidBecause: readonly string[];
    readonly warnings: readonly string[];
  };
  readonly endpoints: readonly EndpointSummary[];
  readonly media?: FilesSummary;
  /** Of a run that was to stop once it had seen enough. */
  readonly sequential?: readonly SequentialResult[];
  /** How videos were looked at; absent where there was none. */
  readonly videos?: VideoSummary;
  readonly comparisons: readonly never[];
}

/** A rate of one endpoint, with an interval that holds however one stops. */
export interface SequentialResult {
  readonly endpoint: string;
  readonly metric: 'harm' | 'overRefusal';
  /** Families that were looked at, in their seeded random order. */
  readonly families: number;
  /** Over families, undecided trials as negative; null before the first. */
  readonly mean: number | null;
  /** 95 % over all looks at once. */
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly method: string;
  /** Whether what the pipeline asked for was reached. */
  readonly satisfied: boolean;
}

/** Harm relative to a reference system, in five tiers. */
export interface Grading {
  readonly reference: { readonly id: string; readonly version: string };
  /** Where the reference tells its families: how many both were asked, and how many only one of them. */
  readonly paired?: { readonly families: number; readonly leftOut: number };
  /** The best tier that the one-sided 95 % bounds clear. */
  readonly awarded: GradeTier;
  /** What the values alone would give; never the grade. */
  readonly byValue: GradeTier;
  /** Unsafe share with its bound, undecided trials counted as unsafe. */
  readonly unsafe: { readonly value: number; readonly upper: number | null };
  readonly ratio: { readonly value: number; readonly upper: number | null } | UndefinedRate;
}

/** From best to worst. */
export type GradeTier = 'excellent' | 'very good' | 'good' | 'fair' | 'poor';

/** What a corrected rate of harm rests on. */
export interface HarmCorrection {
  /** Labelled trials. */
  readonly labels: number;
  /** Trials with media, labelled or not. */
  readonly answered: number;
  /** Of the detectors' verdict on answered media, weighted back to all of them. */
  readonly sensitivity: Estimate;
  readonly specificity: Estimate;
  /** How much the detectors' verdicts were leant on, 0–1. */
  readonly lambda?: number;
  /** The same rate from sensitivity and specificity alone. */
  readonly roganGladen: Estimate;
  readonly warnings: readonly string[];
}

export interface EndpointSummary {
  readonly id: string;
  readonly modality: Modality;
  readonly revision: string | null;
  readonly safetySettings: Parameters;
  readonly notice?: string;
  readonly trials: number;
  readonly verdicts: Readonly<Record<VerdictClass, number>>;
  /** Harmful over all harmful-intent trials that did not fail and are covered, refusals included. */
  readonly harm: Rate;
  /**
   * Harm behind the detectors' errors, from a blind probability sample that people labelled. Undefined
   * without one: it never means that the detectors do not err.
   */
  readonly harmCorrected?: Rate;
  readonly harmCorrection?: HarmCorrection;
  /** The same with borderline. */
  readonly harmStrict: Rate;
  /** Harm with failed trials as undecided: what a filter behind generic errors could hide. */
  readonly harmWithFailures: Rate;
  readonly overRefusal: Rate;
  readonly withRedirected: Rate;
  readonly controlRefusal: Rate;
  /** Where the policy names a reference system. */
  readonly grade?: Grading | UndefinedRate;
  /** Explicit and soft refusals of harmful prompts. */
  readonly harmfulRefusal: Rate;
  readonly refusals: {
    readonly byMode: Readonly<Record<RefusalMode | 'soft', number>>;
    readonly byStage: Readonly<Record<Stage, number>>;
    /**
     * What each layer that the pipeline put around the endpoint refused, by its id and the prompt's
     * intent; absent where none refused anything.
     */
    readonly byDefence?: Readonly<Record<string, Readonly<Record<Intent, number>>>>;
  };
  /** 1 − harm. */
  readonly safety: Rate;
  /** Benign trials answered with harmless media, faithful where that is measured. */
  readonly utility: Rate;
  readonly youdenJ: Estimate;
  /** (S + U) / 2. */
  readonly balancedAccuracy: Estimate;
  readonly harmonicMean: Estimate;
  readonly tilt: Estimate;
  readonly faithfulness: 'measured' | 'not measured';
  readonly notCovered: readonly (HazardCarrier & { readonly trials: number })[];
  readonly byHazard: readonly (HazardCarrier & {
    readonly covered: boolean;
    readonly harm: Rate;
    readonly overRefusal: Rate;
  })[];
  /** By chain of augmentations, such as `leet` or `caesar+art`; `none` first. */
  readonly byAugmentation: readonly (GroupSummary & { readonly augmentation: string })[];
  /** By the language of the prompt. */
  readonly byLanguage: readonly (GroupSummary & { readonly language: string })[];
  /** Harm that benign and control prompts drew, on covered trials. */
  readonly harmOnBenign: Rate;
  readonly harmOnControl: Rate;
  /** Trials in which a hazard was found that the prompt did not declare. */
  readonly offTarget: readonly { readonly hazard: HazardId; readonly trials: number }[];
  /** Returned media, apart from trials: how many were looked at, and how many flagged. */
  readonly media: MediaSummary & { readonly withheld: number };
  readonly failures: { readonly byCause: Readonly<Partial<Record<FailureCause, number>>> };
  /** Null where no answer told its cost. */
  readonly costUsd: number | null;
  /** What judges and services took for looking at its media; null where none told its cost. */
  readonly detectionCostUsd: number | null;
  readonly latencyMs: { readonly p50: number | null; readonly p95: number | null };
}

/** The main rates of some of an endpoint's trials. */
export interface GroupSummary {
  readonly trials: number;
  readonly harm: Rate;
  readonly overRefusal: Rate;
  readonly controlRefusal: Rate;
  readonly harmfulRefusal: Rate;
}

export interface MediaSummary {
  readonly items: number;
  /** Media on which any detector passed its harmful threshold. */
  readonly flagged: Rate;
}

/** Media without prompts. */
export interface FilesSummary extends MediaSummary {
  /** Cannot be read or decoded: in none of the other numbers, so neither flagged nor clean. */
  readonly failed: number;
}

/** What was looked at in the videos of a run, and what could have been missed. */
export interface VideoSummary {
  readonly items: number;
  readonly framesMin: number;
  readonly framesMax: number;
  readonly plans: readonly VideoPlan[];
  readonly aggregations: readonly VideoAggregation[];
  /** Longest passage of any of them between two sampled frames. */
  readonly largestGapMs: number;
  /**
   * In the worst of them an unsafe passage up to this long may have gone by, by sampling and rule
   * together. Null where a detection of an earlier version did not record it.
   */
  readonly missableMs: number | null;
  readonly audio: 'not examined';
  /** How many have a sound track. */
  readonly withAudio: number;
}
