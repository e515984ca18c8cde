import type { FailureCause, RefusalMode, Stage } from '../core/outcome.ts';
import type { Modality } from '../core/prompt.ts';
import type { Parameters } from '../core/trial.ts';
import type { SignableCall } from '../net/aws-signature.ts';
import type { HeaderMap } from '../net/retry-timing.ts';
import type { GenerationRequest } from './endpoint.ts';
import type { HttpOptions } from './http-options.ts';

/**
 * A provider that is spoken to over HTTP, as two pure functions and a description. Everything that
 * takes time or can fail on the wire belongs to the driver (`createHttpEndpoint`): retries, polling,
 * deadline, abort, size caps, media download, redaction and evidence.
 *
 * `parseResponse` runs twice: on the reply as it came, which decides what happens next, and on the
 * reply as it was recorded, which alone decides the outcome. In the recorded one the prompt, secrets,
 * media and queries of URLs are replaced by placeholders and long strings are cut. So it must not
 * validate URLs or base64, and must not look for the prompt.
 */
export interface HttpAdapter<Options extends HttpOptions = HttpOptions> {
  /** Key in the registry, and value of `evidence.protocol`. */
  readonly protocol: string;
  describe(options: Options): HttpAdapterDescription;
  /** The call that asks for media. Without credentials: the driver adds them. */
  buildRequest(options: Options, request: GenerationRequest): HttpCall;
  /**
   * What a reply means. Called for every reply with a JSON, a media or an empty body, whatever its
   * status but a redirect; the driver itself deals with other bodies (HTML, plain text, malformed
   * JSON) and with retries.
   * Must not throw: an unexpected shape or status is a `done` step that says so.
   */
  parseResponse(reply: HttpReply, context: ParseContext<Options>): Step;
  /** A call that costs nothing, made once before the first trial. Without it nothing is contacted. */
  readonly probe?: HttpProbe<Options>;
}

/** What is known of an endpoint from its options alone. */
export interface HttpAdapterDescription {
  readonly modality: Modality;
  /** Absolute, http or https. Relative URLs of calls and media are resolved against it. */
  readonly baseUrl: string;
  readonly authorization: HttpAuthorization;
  /**
   * Hosts beside the base URL's origin that belong to the provider: calls may go there, with
   * credentials, over https. `.example.com` stands for the subdomains. Leave it out where the base
   * URL is not the provider's own.
   */
  readonly ownHosts?: readonly string[];
  /** Everything that decides what is generated, but prompt, seed and safety settings. */
  readonly parameters: Parameters;
  /** What is sent about moderation, tolerance or checkers. Part of a trial's identity. */
  readonly safetySettings: Parameters;
  /** The pinned version of the model, null where the provider names none. */
  readonly revision: string | null;
  /** Without one a trial cannot be done again exactly; the report says so. */
  readonly takesSeed: boolean;
  /** Shown wherever its results appear. */
  readonly notice?: string | undefined;
}

/** How calls prove who sends them. Given to calls and media of the provider's own origin only. */
export interface HttpAuthorization {
  /** Environment variables by role, such as `{ key: 'OPENAI_API_KEY' }`. Empty: no credentials. */
  readonly variables: Readonly<Record<string, string>>;
  /** Headers for one call, from the variables' values by role. Pure. */
  headers(secrets: Readonly<Record<string, string>>, call: SignableCall): HeaderMap;
}

/** One HTTP request, as data. */
export interface HttpCall {
  /** What it is for, such as `submit`, `status`, `result`: comes back in the {@link ParseContext}. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** Absolute, or relative to the base URL. Other origins than the provider's own are refused. */
  readonly url: string;
  /** Beside content type, credentials and `accept: application/json`, which it may replace. */
  readonly headers?: HeaderMap;
  readonly body?: HttpCallBody;
}

export type HttpCallBody =
  | { readonly kind: 'json'; readonly value: unknown }
  /** `multipart/form-data`. */
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> };

export interface HttpReply {
  readonly status: number;
  /** By lower-case name; on replay only those that are kept, see `http-evidence.ts`. */
  readonly headers: HeaderMap;
  readonly body:
    | { readonly kind: 'json'; readonly value: unknown }
    /** `image/*`, `video/*` or `application/octet-stream`; the driver holds the bytes. */
    | { readonly kind: 'media'; readonly contentType: string; readonly sizeBytes: number }
    /** Nothing but status and headers, as some providers answer while a job runs. */
    | { readonly kind: 'empty' };
}

export interface ParseContext<Options extends HttpOptions = HttpOptions> {
  readonly options: Options;
  /** Name of the call that this reply answers. */
  readonly call: string;
  /** What the step before handed on; empty for the first reply. */
  readonly carry: Readonly<Record<string, string>>;
  /** Whether this reply is the first about a job of an earlier process. Never on replay. */
  readonly pickedUp?: boolean | undefined;
}

/** What a reply means for the trial. */
export type Step = DoneStep | PollStep;

/** The job goes on: make another call. */
export interface PollStep {
  readonly kind: 'poll';
  readonly call: HttpCall;
  /** Wait before the call. 0 to fetch a result; without it the driver's own, growing interval. */
  readonly afterMs?: number | undefined;
  /** Written to the journal when it first appears. */
  readonly jobId?: string | undefined;
  /** For the next `parseResponse`, such as a job id. Not for secrets. */
  readonly carry?: Readonly<Record<string, string>> | undefined;
}

/** The provider has answered. */
export interface DoneStep {
  readonly kind: 'done';
  readonly signals: AnswerSignals;
  /** In order. Fetched whatever the signals say, since they may prove more than the words. */
  readonly media: readonly MediaPointer[];
  /** The provider's own rewriting of the prompt. */
  readonly revisedPrompt?: string | undefined;
  /** US dollars, only where the answer tells it or it follows from what the answer tells. */
  readonly costUsd?: number | undefined;
  /** Version of the model, where the answer tells it. */
  readonly revision?: string | undefined;
  /** Safety settings as the answer reports them, where it does. */
  readonly safety?: Parameters | undefined;
}

/**
 * What an answer says about its own outcome. Make it with the functions of `http-signals.ts`. The
 * order of judgement: `refusal`, `failure`, codes and flags known to `outcome-codes.ts`, HTTP status,
 * words, media.
 */
export interface AnswerSignals {
  /** The provider's own structured word for a refusal of the whole request. */
  readonly refusal?:
    | { readonly mode: RefusalMode; readonly stage: Stage; readonly signal: string }
    | undefined;
  /** The provider's own structured word for a failure, an unknown status among them. */
  readonly failure?:
    | {
        readonly cause: FailureCause;
        readonly signal: string;
        /** Our own settings cannot read the answer: how, in words that quote none of its values. */
        readonly misread?: string | undefined;
        /** The provider does not know the job that it was asked for. */
        readonly jobUnknown?: true | undefined;
      }
    | undefined;
  /** Structured parts in which the known codes and safety flags are looked for. */
  readonly structures: readonly unknown[];
  /** Words of an error. */
  readonly errorTexts: readonly string[];
  /** Words that came in place of media, or beside them. */
  readonly warningTexts: readonly string[];
  /** How the provider ended the job: with a result or with an error. */
  readonly ended: 'complete' | 'error';
}

/** Where a medium of an answer lies. */
export type MediaPointer =
  /** Standard or URL-safe alphabet; without a `data:` prefix. */
  | { readonly kind: 'base64'; readonly data: string }
  /** Absolute, relative to the base URL, or a base64 `data:` URI. Treated as untrusted. */
  | { readonly kind: 'url'; readonly url: string }
  /** The reply itself is the medium. */
  | { readonly kind: 'body' };

/** Checks reachability and credentials, and may resolve the revision. */
export interface HttpProbe<Options extends HttpOptions = HttpOptions> {
  buildCall(options: Options): HttpCall;
  /** Called for JSON replies below status 400; 401 and 403 are reported by the driver. */
  parse(reply: HttpReply, options: Options): HttpProbeResult;
}

export type HttpProbeResult =
  | { readonly kind: 'ok'; readonly revision?: string | undefined }
  /** Stops the run before the first trial. */
  | { readonly kind: 'problem'; readonly message: string; readonly hint: string };
