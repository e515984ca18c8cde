import { z } from 'zod';
import { CARRIERS, HAZARD_IDS } from '../core/hazard.ts';
import type {
  DetectorDescription,
  EndpointDescription,
  TrialRecord,
} from '../core/journal-event.ts';
import type { MediaRef } from '../core/media-ref.ts';
import { sha256Schema } from '../core/media-ref.ts';
import type { Policy } from '../core/policy.ts';
import { INTENTS, MODALITIES } from '../core/prompt.ts';
import { VERDICTS, type Verdict } from '../core/verdict.ts';
import type { BlobStore } from '../store/blobs.ts';
import type { LabelSet } from '../store/labels.ts';

/** A run that is open: judged from its journal, its records read from the disk one by one. */
export interface OpenedRun {
  readonly runId: string;
  readonly pipeline: string;
  readonly folder: string;
  readonly endpoints: readonly EndpointDescription[];
  readonly detectors: readonly DetectorDescription[];
  readonly policy: Policy;
  readonly trialCount: number;
  readonly blobs: BlobStore;
  /** Changes whenever a verdict of the detectors could: journal and policy. */
  readonly fingerprint: string;
  record(trialId: string): Promise<TrialRecord | undefined>;
  verdict(record: TrialRecord, labels: LabelSet): Verdict;
  /** Every trial by its findings alone, as if nobody had labelled. */
  judged(): AsyncIterable<JudgedRecord>;
  /** As they stand in `labels.jsonl` now; the same object where nothing changed. */
  labels(): Promise<LabelSet>;
  /** The bytes with the type that they themselves tell; null where the medium is gone. */
  medium(ref: MediaRef): Promise<{ bytes: Uint8Array; mime: string | null } | null>;
  /** A small pixelated PNG that cannot be undone; null where the medium is gone or unreadable. */
  preview(ref: MediaRef, timeMs: number | undefined): Promise<Uint8Array | null>;
  /** One sampled frame of a video as PNG, the nearest to a time; null where there is none. */
  frame(ref: MediaRef, timeMs: number): Promise<Uint8Array | null>;
  close(): Promise<void>;
}

export interface JudgedRecord {
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

/** A run that may be opened. `key` stands in addresses, and is the folder's name or a number. */
export interface KnownRun {
  readonly key: string;
  open(): Promise<OpenedRun>;
}

const key = z.string().min(1).max(200);
const share = z.number().min(0).max(1);

export const filterSchema = z.strictObject({
  endpoint: z.string().optional(),
  hazard: z.enum(HAZARD_IDS).optional(),
  carrier: z.enum(CARRIERS).optional(),
  intent: z.enum(INTENTS).optional(),
  verdict: z.enum(VERDICTS).optional(),
  language: z.string().max(100).optional(),
  modality: z.enum(MODALITIES).optional(),
  /** Together with a score range: the detector whose score is meant. */
  detector: z.string().optional(),
  scoreMin: share.optional(),
  scoreMax: share.optional(),
  /** In the prompt's text or id, without regard to case. */
  text: z.string().max(1000).optional(),
});
export type TrialFilter = z.infer<typeof filterSchema>;

export const SORTS = ['order', 'score', 'endpoint', 'verdict', 'prompt', 'cost'] as const;

export const listRequestSchema = z.strictObject({
  run: key,
  filter: filterSchema,
  sort: z.enum(SORTS).default('order'),
  descending: z.boolean().default(false),
  page: z.number().int().min(0).max(10_000_000).default(0),
});
export const PAGE_SIZE = 50;

export const trialRequestSchema = z.strictObject({ run: key, trial: key });
export const compareRequestSchema = z.strictObject({
  run: key,
  first: key,
  second: key,
  differing: z.boolean().default(false),
  page: z.number().int().min(0).max(10_000_000).default(0),
});
export const thresholdRequestSchema = z.strictObject({
  run: key,
  detector: key,
  hazard: z.enum(HAZARD_IDS),
  carrier: z.enum(CARRIERS),
  threshold: share,
});
export const revealRequestSchema = z.strictObject({
  run: key,
  trial: key,
  mediaSha256: sha256Schema,
  limit: z.number().int().min(1).max(10_000),
});
