import { z } from 'zod';
import type { FailureCause, Stage } from '../core/outcome.ts';
import type { Modality } from '../core/prompt.ts';
import type { Parameters } from '../core/trial.ts';
import type { GenerationRequest } from './endpoint.ts';
import type {
  DoneStep,
  HttpAdapterDescription,
  HttpAuthorization,
  HttpCall,
  HttpReply,
} from './http-adapter.ts';
import { bearerKey, keyInHeader } from './http-authorization.ts';
import { environmentVariableSchema, httpUrlSchema } from './http-options.ts';
import { partSafety } from './http-parameters.ts';
import { errorWords, failed, refused, textsIn } from './http-signals.ts';

// What the Gemini API and Vertex AI have in common, for `gemini-image`, `imagen` and `veo`.
// Verified 2026-11 against Google's tables of safety codes for Imagen, Gemini images and Veo, and
// published error bodies (`google.rpc.Status` with `ErrorInfo`, `QuotaFailure`).

/** Options of every Google adapter: spread into its schema. */
export const googleOptionsShape = {
  baseUrl: httpUrlSchema
    .default('https://generativelanguage.googleapis.com/v1beta')
    .describe(
      'Where `models/` lies. On Vertex AI: https://<region>-aiplatform.googleapis.com/v1/projects/<project>/locations/<region>/publishers/google',
    ),
  auth: z
    .enum(['api-key', 'bearer'])
    .default('api-key')
    .describe('`bearer` for Vertex AI, where the variable holds an access token.'),
  tokenEnv: environmentVariableSchema
    .default('GEMINI_API_KEY')
    .describe('Name of the environment variable that holds the key or the access token.'),
  model: z
    .string()
    .regex(/^[\w.@-]+$/, 'the name of a model, without `models/`')
    .describe('Name of the model.'),
} as const;

export function googleAuthorization(options: {
  readonly auth: 'api-key' | 'bearer';
  readonly tokenEnv: string;
}): HttpAuthorization {
  return options.auth === 'bearer'
    ? bearerKey(options.tokenEnv)
    : keyInHeader(options.tokenEnv, 'x-goog-api-key');
}

interface GooglePredictOptions {
  readonly baseUrl: string;
  readonly auth: 'api-key' | 'bearer';
  readonly tokenEnv: string;
  readonly model: string;
  readonly sendSeed: boolean;
}

/** What `imagen` and `veo` say of themselves. Who may be shown is a matter of safety. */
export function describePrediction(
  modality: Modality,
  options: GooglePredictOptions,
  fields: Readonly<Record<string, Parameters[string] | undefined>>,
): HttpAdapterDescription {
  const { personGeneration, includeRaiReason, ...rest } = fields;
  const { parameters, safetySettings } = partSafety(rest);
  return {
    modality,
    baseUrl: options.baseUrl,
    authorization: googleAuthorization(options),
    parameters: { model: options.model, ...parameters },
    safetySettings: {
      ...safetySettings,
      ...(includeRaiReason === undefined ? {} : { includeRaiReason }),
      ...(personGeneration === undefined ? {} : { personGeneration }),
    },
    revision: pinnedGoogleModel(options.model),
    takesSeed: options.sendSeed,
  };
}

/** The call by which `imagen` and `veo` ask, each at its own method. */
export function predictionCall(
  method: 'predict' | 'predictLongRunning',
  { model, sendSeed }: GooglePredictOptions,
  fields: Readonly<Record<string, unknown>>,
  request: GenerationRequest,
): HttpCall {
  return {
    name: 'submit',
    method: 'POST',
    url: `models/${model}:${method}`,
    body: {
      kind: 'json',
      value: {
        instances: [{ prompt: request.promptText }],
        parameters: { ...fields, seed: sendSeed ? request.seed : undefined },
      },
    },
  };
}

/** A name that ends in a version, such as `imagen-4.0-generate-001`, stays the same model. */
export function pinnedGoogleModel(model: string): string | null {
  return /[-@]\d{3}$/.test(model) ? model : null;
}

/**
 * By the tables for pictures; codes that stand for both sides are left out. The table for Veo names no
 * sides: a code that it shares is taken to mean the same there.
 */
const STAGES_BY_CODE: ReadonlyMap<string, Stage> = new Map([
  ...codes('prompt_filter', [
    '58061214', // child
    '29310472', // celebrity
    '62263041', // dangerous content
    '57734940', // hate
    '42876398', // other
    '92201652', // personal information
    '89371032', // prohibited content
    '90789179', // sexual
    '78610348', // toxic
    '61493863', // violence
    '32635315', // vulgar
  ]),
  ...codes('output_filter', [
    '17301594', // child
    '15236754', // celebrity
    '22137204', // hate
    '29578790', // other
    '74803281', // other
    '39322892', // people or face
    '49114662', // prohibited content
    '72817394', // prohibited content
    '63429089', // sexual
    '43188360', // sexual
    '56562880', // violence
  ]),
]);

function codes(stage: Stage, list: readonly string[]): [string, Stage][] {
  return list.map((code) => [code, stage]);
}

/**
 * The support codes that a message of Google's filters names, with the side that they stand for.
 * Several codes of different sides are `unknown`.
 */
export function supportCodesIn(
  texts: readonly string[],
): { readonly signal: string; readonly stage: Stage } | undefined {
  const found = texts.flatMap((text) =>
    [...text.matchAll(/(?:support|error) codes?:?\s*((?:\d{8}[,\s]*)+)/gi)].flatMap(
      ([, list = '']) => list.match(/\d{8}/g) ?? [],
    ),
  );
  if (found.length === 0) return undefined;
  const [stage = 'unknown', ...others] = new Set(
    found.map((code): Stage => STAGES_BY_CODE.get(code) ?? 'unknown'),
  );
  return {
    signal: `support code ${[...new Set(found)].join(', ')}`,
    stage: others.length === 0 ? stage : 'unknown',
  };
}

/** The side that a filter's own words name, where they do. */
export function filteredStage(texts: readonly string[]): Stage {
  const coded = supportCodesIn(texts)?.stage;
  if (coded !== undefined && coded !== 'unknown') return coded;
  const said = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text));
  if (said(/\bprompt could not be submitted\b|\bprompt contains\b/i)) return 'prompt_filter';
  return said(/\b(images?|videos?|audio)\b.{0,40}\bfiltered out\b|\bgenerated (images?|videos?)\b/i)
    ? 'output_filter'
    : 'unknown';
}

const errorSchema = z.looseObject({
  error: z.looseObject({
    code: z.number().nullish().catch(undefined),
    status: z.string().nullish().catch(undefined),
    message: z.string().nullish().catch(undefined),
    details: z
      .array(
        z.looseObject({
          reason: z.string().nullish().catch(undefined),
          violations: z
            .array(z.looseObject({ quotaId: z.string().nullish().catch(undefined) }))
            .nullish()
            .catch(undefined),
        }),
      )
      .nullish()
      .catch(undefined),
  }),
});

/** An answer with `error`: a `google.rpc.Status`, over HTTP or at the end of an operation. */
export function googleError(reply: HttpReply): DoneStep {
  const body = reply.body.kind === 'json' ? reply.body.value : undefined;
  const parsed = errorSchema.safeParse(body);
  if (!parsed.success) return errorWords(body);
  const { code, details, message } = parsed.data.error;
  const filtered = supportCodesIn(textsIn(message));
  if (filtered !== undefined) {
    const stage = filtered.stage === 'unknown' ? filteredStage(textsIn(message)) : filtered.stage;
    return refused({ mode: 'hard', signal: filtered.signal, stage }, body);
  }
  // A bad key is answered with 400.
  if (details?.some(({ reason }) => reason === 'API_KEY_INVALID')) {
    return failed({ cause: 'auth', signal: 'API_KEY_INVALID' }, body);
  }
  // The message speaks of a quota whether a minute's or a day's is spent.
  const quotas = (details ?? []).flatMap(({ violations }) =>
    (violations ?? []).flatMap(({ quotaId }) => quotaId ?? []),
  );
  if (quotas.length > 0) {
    const daily = quotas.find((id) => /PerDay/i.test(id));
    const passing = daily === undefined && quotas.every((id) => /PerMinute/i.test(id));
    return failed({ cause: passing ? 'rate' : 'quota', signal: daily ?? quotas[0] ?? '' }, body);
  }
  const cause = reply.status < 400 ? CAUSES_BY_RPC_CODE.get(code ?? 0) : undefined;
  return cause === undefined ? errorWords(body) : failed({ cause, signal: `code ${code}` }, body);
}

/** gRPC's codes, which an operation ends with; over HTTP the status says the same. */
const CAUSES_BY_RPC_CODE: ReadonlyMap<number, FailureCause> = new Map([
  [4, 'timeout'],
  [7, 'auth'],
  [8, 'rate'],
  [14, 'cold'],
  [16, 'auth'],
]);
