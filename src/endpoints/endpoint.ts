import type { Evidence } from '../core/evidence.ts';
import type { EndpointDescription, PickUp } from '../core/journal-event.ts';
import type { MediaRef } from '../core/media-ref.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Modality } from '../core/prompt.ts';
import type { Parameters } from '../core/trial.ts';

export type { EndpointDescription };

/** One request for media. */
export interface GenerationRequest {
  readonly promptText: string;
  readonly seed: number;
  /** 0-based; for the endpoint a mere label. */
  readonly repeat: number;
}

/** What the caller lends to an endpoint for one generation. */
export interface GenerationContext {
  /** Aborts the generation: it then resolves to `failed` soon, and leaves nothing open. */
  readonly signal: AbortSignal;
  /**
   * Stores media and sniffs its type from the bytes.
   *
   * @throws never for bad media: an unknown type is refused with a `problem`.
   */
  readonly store: (
    bytes: Uint8Array,
  ) => Promise<
    MediaRef | { readonly kind: 'problem'; readonly code: string; readonly message: string }
  >;
  /** Called as soon as the provider has accepted a job, before its result is awaited. */
  readonly onJob?: (jobId: string, pickUp?: PickUp) => Promise<void>;
  /** A job of this trial that an earlier process submitted: it is asked for instead of a new one. */
  readonly pickUp?: { readonly jobId: string; readonly from: PickUp } | undefined;
}

/** One answer. `outcome` is always `classify(evidence)` of the same endpoint. */
export interface Generation {
  readonly outcome: Outcome;
  readonly evidence: Evidence;
  readonly latencyMs: number;
  readonly costUsd: number | null;
  readonly revisedPrompt: string | undefined;
  /** What this one answer told of the model and its safety settings, where it told anything. */
  readonly reported?:
    | { readonly revision?: string | undefined; readonly safetySettings?: Parameters | undefined }
    | undefined;
  /**
   * How the endpoint's own settings fail to read this answer, such as a path that leads nowhere.
   * Where the first answer shows it, all others would be paid for and read as wrongly.
   */
  readonly misread?: string | undefined;
}

/**
 * Anything that turns a prompt into media. Refusals and failures of infrastructure are outcomes:
 * `generate` rejects for programming errors only.
 */
export interface Endpoint {
  readonly id: string;
  readonly modality: Modality;
  /**
   * Options that the journal keeps in place of the written ones: what lay in files beside the
   * pipeline, so that the run can be read again wherever it is.
   */
  readonly recordedOptions?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Reaches the endpoint without asking it to generate: checks credentials, reads the schema and
   * resolves the revision. Called once, before the first generation.
   *
   * @throws SafelightError where the endpoint is unreachable or its schema lacks a mapped parameter.
   */
  describe(signal: AbortSignal): Promise<EndpointDescription>;
  generate(request: GenerationRequest, context: GenerationContext): Promise<Generation>;
  /** Decides the outcome from recorded evidence alone. Pure. */
  classify(evidence: Evidence): Outcome;
  /** Releases connections and servers. Idempotent. */
  close(): Promise<void>;
}

/** What a factory gets from outside, so that tests can replace it. */
export interface EndpointEnvironment {
  readonly fetch: typeof globalThis.fetch;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** 0–1: spreads repeats. */
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of a usable ffmpeg, resolved on demand. */
  readonly ffmpegPath: () => Promise<string>;
}
