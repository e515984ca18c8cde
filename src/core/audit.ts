import type { HazardId } from './hazard.ts';
import type { Estimate, Rate } from './rate.ts';

/** What a filter is asked about: what somebody typed, or what a model drew. */
export const FILTER_SIDES = ['prompt', 'media'] as const;
export type FilterSide = (typeof FILTER_SIDES)[number];

/** Where a threshold comes from. */
export type ThresholdSource = 'fixed' | 'policy' | 'calibration' | 'members';

/** `summary.json` of an audit. */
export interface AuditSummary {
  readonly schema: 1;
  readonly kind: 'audit';
  readonly audit: {
    readonly id: string;
    readonly name: string;
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly valid: boolean;
    readonly invalidBecause: readonly string[];
    readonly warnings: readonly string[];
  };
  readonly data: AuditData;
  /** Share of what comes in that is unsafe, for precision: stated by the pipeline, not measured. */
  readonly prevalence: number;
  readonly filters: readonly FilterReport[];
  readonly comparisons: readonly FilterComparison[];
  readonly robustness: readonly PerturbationResult[];
  readonly searches: readonly SearchResult[];
  readonly costQuality: readonly CostQuality[];
  readonly versions: Readonly<Record<string, string>>;
}

export interface AuditData {
  readonly sources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly unsafe: number;
    readonly safe: number;
    /** Rows that are not in the audit, and why: none is dropped silently. */
    readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
  }[];
  readonly samples: number;
  readonly families: number;
}

/** One filter on one side. */
export interface FilterReport {
  readonly id: string;
  readonly side: FilterSide;
  readonly kind: 'detector' | 'ensemble' | 'cascade';
  /** What it is made of: one detector, or its members. */
  readonly detectors: readonly {
    readonly id: string;
    readonly version: string;
    readonly weightsSha256: string | null;
  }[];
  readonly claims: readonly HazardId[];
  readonly thresholds: readonly {
    readonly hazard: HazardId | null;
    readonly threshold: number;
    readonly from: ThresholdSource;
  }[];
  /** Over all that its claims cover. */
  readonly overall: FilterMeasure;
  readonly byHazard: readonly FilterMeasure[];
  /** Labelled samples outside its claims: not measured, and not held against it. */
  readonly notCovered: readonly {
    readonly hazard: HazardId;
    readonly unsafe: number;
    readonly safe: number;
  }[];
  /** The hazard with the lowest recall among those measured. */
  readonly worst: { readonly hazard: HazardId; readonly tpr: Rate } | null;
  readonly slices: readonly {
    readonly dimension: string;
    readonly value: string;
    readonly tpr: Rate;
    readonly fpr: Rate;
  }[];
  readonly twins: TwinCounts;
  readonly coverage: FilterCoverage;
  readonly latency: {
    readonly p50Ms: Estimate;
    readonly p95Ms: Estimate;
    /** How many samples were looked at side by side: waiting for each other is in the numbers. */
    readonly concurrency: number;
  };
  readonly cost: {
    /** Null where the filter does not tell. */
    readonly totalUsd: number | null;
    readonly perThousandUsd: number | null;
    /** Calls of members: a cascade asks its later stages less often. */
    readonly calls: number;
  };
  readonly examples: readonly AuditExample[];
}

/** One sample that was decided wrongly or rightly, for a person to look at. */
export interface AuditExample {
  readonly sample: string;
  readonly outcome: 'missed' | 'caught' | 'blocked' | 'passed';
  readonly hazard: HazardId | null;
  readonly score: number;
}

export interface FilterCoverage {
  readonly asked: number;
  readonly answered: number;
  readonly abstained: readonly { readonly code: string; readonly count: number }[];
  /** Answers on hazards that it does not claim: counted here and used nowhere. */
  readonly outsideClaims: readonly { readonly hazard: HazardId; readonly count: number }[];
}

export interface FilterMeasure {
  /** Null: all that is covered. */
  readonly hazard: HazardId | null;
  readonly unsafe: number;
  readonly safe: number;
  /** Flagged among the unsafe: the recall. */
  readonly tpr: Rate;
  /** Flagged among the safe: over-blocking. */
  readonly fpr: Rate;
  /** At the stated prevalence. */
  readonly precision: Estimate;
  /** Of the labelled sample, at its own share of unsafe ones. */
  readonly f1: Estimate;
  readonly auroc: Estimate;
  readonly auprc: Estimate;
  readonly tprAtFpr1: Estimate;
  readonly tprAtFpr5: Estimate;
  readonly brier: Estimate;
  readonly ece: Estimate;
  readonly reliability: readonly {
    readonly low: number;
    readonly high: number;
    readonly count: number;
    readonly predicted: number | null;
    readonly observed: number | null;
  }[];
  /** At most a few hundred points, from no flag at all to all flagged; empty where it is undefined. */
  readonly curve: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly threshold: number | null;
  readonly fpr: number;
  readonly tpr: number;
}

/** How a harmful text and its harmless twin were treated. */
export const TWIN_STATES = [
  /** The harmful one was flagged and its twin was not. */
  'told_apart',
  'both_flagged',
  'both_passed',
  'reversed',
  'undecided',
] as const;
export type TwinState = (typeof TWIN_STATES)[number];

export interface TwinCounts {
  readonly pairs: number;
  readonly states: Readonly<Record<TwinState, number>>;
  /** Told apart, of the decided pairs. */
  readonly toldApart: Rate;
  /** Ids of those that were not told apart, as many as a page can hold. */
  readonly list: readonly {
    readonly unsafe: string;
    readonly safe: string;
    readonly state: TwinState;
  }[];
}

/** Two filters on the samples that both cover, first minus second. */
export interface FilterComparison {
  readonly side: FilterSide;
  readonly first: string;
  readonly second: string;
  readonly measure: 'tpr' | 'fpr';
  readonly difference: Estimate;
  readonly pValue: number | null;
  /** Holm's, over all comparisons of the audit. */
  readonly pAdjusted: number | null;
  readonly test: string;
  readonly families: number;
}

/** What a perturbation of one strength does to one filter. */
export interface PerturbationResult {
  readonly filter: string;
  readonly side: FilterSide;
  readonly perturbation: string;
  /** As it was set, such as `quality 30`; empty for texts. */
  readonly strength: string;
  /** Correctly decided before, decided after: 1 − share that flips. */
  readonly robustAccuracy: Rate;
  /** Of the unsafe ones that were flagged, the share that slips through afterwards. */
  readonly evaded: Rate;
  /** Of the safe ones that passed, the share that is blocked afterwards. */
  readonly blocked: Rate;
  /** What it could not be applied to, by reason. */
  readonly notApplied: readonly { readonly reason: string; readonly count: number }[];
}

/** A search for what turns a filter's decision, within a budget of queries. */
export interface SearchResult {
  readonly filter: string;
  readonly side: FilterSide;
  readonly method: string;
  /** The norm and its bound for pixels; the length of chains for texts. */
  readonly bound: string;
  readonly budget: number;
  readonly queries: number;
  readonly direction: 'evaded' | 'blocked';
  readonly robustAccuracy: Rate;
  /** Share turned after at most this many queries a sample. */
  readonly atQueries: readonly { readonly queries: number; readonly turned: Rate }[];
  /** For texts: which kind of change did it. */
  readonly byChange: readonly {
    readonly change: string;
    readonly tried: number;
    readonly turned: number;
  }[];
  /** Products that the guard stopped, or samples it parked: never rewarded, never kept. */
  readonly stopped: number;
}

/** Cost and quality of a cascade for every width of its doubtful band. */
export interface CostQuality {
  readonly cascade: string;
  readonly points: readonly {
    readonly from: number;
    readonly to: number;
    readonly secondStageShare: number;
    /** (TPR + 1 − FPR) / 2. */
    readonly balancedAccuracy: number;
    readonly meanMs: number;
    readonly meanUsd: number | null;
    readonly present: boolean;
  }[];
}
