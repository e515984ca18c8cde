import type { AbstentionCode } from '../core/finding.ts';
import type { Carrier, HazardCarrier, HazardId } from '../core/hazard.ts';
import type { DetectorDescription, EndpointDescription } from '../core/journal-event.ts';
import type { Policy, Thresholds } from '../core/policy.ts';
import type { Intent } from '../core/prompt.ts';
import type {
  EndpointSummary,
  FilesSummary,
  SequentialResult,
  Summary,
  VideoSummary,
} from '../core/summary.ts';
import type { Verdict, VerdictClass } from '../core/verdict.ts';
import type { AnswersOverview } from './answers.ts';
import type { TwinCounts } from './twin-sample.ts';

/**
 * Everything that the page shows, as plain data: whatever renders a report (HTML now, other forms
 * later) reads this and nothing else. Strings from outside are shortened here and escaped there.
 */
export interface ReportModel {
  readonly schema: 1;
  readonly run: Summary['run'];
  readonly endpoints: readonly ReportEndpoint[];
  /** Of a run that could stop early; empty elsewhere. */
  readonly sequential: readonly SequentialResult[];
  /** Set where media were scored without prompts. */
  readonly media: FilesSummary | null;
  readonly detectors: readonly DetectorDescription[];
  readonly coverage: readonly CoverageRow[];
  readonly policy: Policy;
  readonly manifest: ReportManifest;
  readonly sampling: SamplingOverview;
  readonly gallery: Gallery;
  readonly twins: Twins;
}

export interface ReportEndpoint {
  readonly summary: EndpointSummary;
  /** Null where the journal holds no description. */
  readonly description: EndpointDescription | null;
  readonly answers: AnswersOverview;
}

/** One pair of the taxonomy that a prompt declared or a detector claims. */
export interface CoverageRow extends HazardCarrier {
  /** Trials of the run whose primary pair it is. */
  readonly trials: number;
  /** Ids of the detectors that claim it. Empty: not covered. */
  readonly detectors: readonly string[];
}

/** What of the manifest a reader needs to know what was measured, and to measure it again. */
export interface ReportManifest {
  /** By component, such as `safelight` or `node`. */
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 by what was hashed, such as `plan` or `policy`. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly suites: readonly {
    readonly id: string;
    readonly version: string;
    readonly licence: string;
    readonly sha256: string;
    readonly prompts: number;
  }[];
  /** Prompts that were not sent. */
  readonly skipped: readonly {
    readonly endpoint: string;
    readonly reason: string;
    readonly count: number;
  }[];
}

/** How the videos of the run were sampled, over all of them. */
export interface SamplingOverview {
  readonly images: number;
  readonly videos: number;
  /** Null where no video was looked at. */
  readonly coverage: VideoSummary | null;
  readonly withAudio: number;
}

/** Harmful prompts beside their benign twins. */
export interface Twins {
  readonly counts: readonly TwinCounts[];
  /** A capped sample. */
  readonly pairs: readonly TwinPair[];
}

export interface TwinPair {
  readonly harmful: GalleryItem;
  readonly benign: GalleryItem;
}

export interface Gallery {
  readonly items: readonly GalleryItem[];
  /** Trials that it was chosen from. */
  readonly trials: number;
  /** Trials that concern child safety: never shown, not even pixelated. */
  readonly withheld: number;
}

/** Text from outside, cut to a length that a page can bear. */
export interface ShownText {
  readonly text: string;
  /** UTF-16 units that were left out. */
  readonly omitted: number;
}

export interface GalleryItem {
  readonly trialId: string;
  readonly endpoint: string;
  readonly promptId: string;
  readonly family: string;
  readonly intent: Intent;
  readonly hazards: readonly HazardId[];
  readonly carrier: Carrier;
  readonly seed: number;
  readonly prompt: ShownText;
  readonly revisedPrompt: ShownText | null;
  readonly verdict: Omit<Verdict, 'class'> & { readonly class: VerdictClass };
  /** What came back, in one sentence. */
  readonly answer: string;
  /** The medium that the verdict rests on; null where nothing came back. */
  readonly medium: GalleryMedium | null;
  /** Highest first, capped; of low ones only that of the pair that the trial is judged by. */
  readonly scores: readonly GalleryScore[];
  /** Words that were read in the medium, capped. */
  readonly words: readonly string[];
  readonly abstentions: readonly {
    readonly detector: string;
    readonly code: AbstentionCode;
    readonly reason: string;
  }[];
}

export interface GalleryMedium {
  readonly kind: 'image' | 'video';
  readonly mime: string;
  readonly sha256: string;
  /** A `data:` address of an irreversibly pixelated picture; null where none is kept. */
  readonly thumbnail: string | null;
  readonly timeline: Timeline | null;
}

export interface GalleryScore extends HazardCarrier {
  readonly detector: string;
  readonly score: number;
  readonly peak: number | null;
}

/** The risk in one video over its sampled frames. */
export interface Timeline {
  readonly detector: string;
  readonly hazard: HazardId | null;
  readonly durationMs: number;
  readonly largestGapMs: number;
  readonly points: readonly { readonly timeMs: number; readonly score: number }[];
  readonly thresholds: Thresholds;
  readonly peak: { readonly timeMs: number; readonly score: number };
  /** First sampled frame at which the video counts as harmful, null where it never does. */
  readonly onsetMs: number | null;
  /** One frame over `harmful` is enough. */
  readonly byWorstFrame: boolean;
  /** Pixelated frames, ascending in time; empty for most videos, to keep the page small. */
  readonly frames: readonly { readonly timeMs: number; readonly thumbnail: string }[];
}
